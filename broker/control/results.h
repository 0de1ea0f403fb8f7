#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "event/event.h"
#include "event/session.h"
#include "event/status.h"

namespace broker {

/// What the methods of the control channel answer, as plain values. The broker fills them in and
/// the client gets them back; the JSON between them is made and read in results.cc alone, and
/// PROTOCOL.md describes it.

/// The answer to `status`.
struct StatusResult {
  std::string version;  ///< The broker's, "0.1.0".
  int64_t pid = 0;
  int64_t started_us = 0;       ///< UTC microseconds.
  std::string source;           ///< "logind", "simulated", …
  std::string source_state;     ///< "starting", "connected", "lost" or "finished".
  int64_t source_since_us = 0;  ///< UTC microseconds, since when it is so.
  uint64_t source_dropped = 0;  ///< Reports that came too fast since the broker started.
  std::string log_directory;
  bool log_degraded = false;          ///< Events are delivered that are not on the disk.
  int64_t log_degraded_since_us = 0;  ///< UTC microseconds; 0 = it is not.
  uint64_t log_unwritten = 0;         ///< How many events are in memory only.
  uint64_t log_lost = 0;              ///< How many were given up since the broker started.
  std::string log_trouble;            ///< Why it is degraded, a sentence; empty if it is not.
  Seq last_seq = 0;                   ///< Of the last event in the log; 0 = none.
  uint64_t sessions = 0;              ///< How many there are.
  uint64_t plugins_running = 0;
  uint64_t plugins_failed = 0;       ///< Failed or quarantined.
  std::vector<std::string> trouble;  ///< What is the matter now, sentences; none: it is healthy.
  std::vector<std::string> losses;   ///< What was lost since it started, sentences.
};

/// The answer to `sessions`.
struct SessionsResult {
  Seq as_of = 0;                  ///< The last event that is in it.
  std::vector<Session> sessions;  ///< By id.
};

/// One plugin instance.
struct PluginRow {
  std::string name;   ///< The instance, as in the configuration.
  std::string state;  ///< "running", "starting", "failed", "quarantined", "stopped" or "disabled".
  std::string id;     ///< From its descriptor; empty if the library could not be loaded.
  std::string version;
  std::string library;  ///< The file it was loaded from.
  uint64_t strikes = 0;
  Seq acknowledged = 0;        ///< It has finished everything up to here.
  uint64_t lag = 0;            ///< Events between that and the log's end.
  std::string last_error;      ///< A sentence; empty if none.
  int64_t quarantined_us = 0;  ///< UTC microseconds, since when; 0 = it is not.
  int64_t behind_us = 0;       ///< How old the first event is that it has not finished; 0 = none.
  uint64_t skipped = 0;        ///< Events that it never gets, since the broker started.

  friend bool operator==(const PluginRow&, const PluginRow&) = default;
};

/// The answer to `plugins`.
struct PluginsResult {
  std::vector<PluginRow> plugins;  ///< In the configured order.
};

/// One call into a plugin.
struct TraceRow {
  int64_t begin_us = 0;      ///< UTC microseconds.
  std::string call;          ///< "on_event", …
  Seq seq = 0;               ///< The event at hand; 0 = none.
  uint64_t duration_us = 0;  ///< So far, for one that has not returned.
  std::string result;        ///< "ok", "pending", "retry", "overdue", "abandoned", or a sentence.

  friend bool operator==(const TraceRow&, const TraceRow&) = default;
};

/// The answer to `plugins.trace`.
struct TraceResult {
  std::vector<TraceRow> calls;  ///< In the order in which they ended.
  uint64_t next = 0;            ///< The `after` to go on with.
  uint64_t lost = 0;            ///< So many calls before these came too fast for who asks.
};

/// An instance that is not as the configuration wants it, and why.
struct ReloadFailure {
  std::string instance;
  std::string error;  ///< A sentence.

  friend bool operator==(const ReloadFailure&, const ReloadFailure&) = default;
};

/// The answer to `reload`.
struct ReloadResult {
  /// What is wrong with the configuration, "file:line:column: key: sentence"; then nothing was
  /// changed.
  std::vector<std::string> errors;
  std::vector<std::string> started;        ///< Instances that are new in the configuration,
  std::vector<std::string> restarted;      ///< that have changed there,
  std::vector<std::string> stopped;        ///< that are gone from it.
  std::vector<ReloadFailure> failed;       ///< Those of the first two that are not up.
  std::vector<std::string> needs_restart;  ///< Keys whose change waits for the broker's restart.
};

/// Text that is not UTF-8 gets its stray bytes written as "\xNN".
[[nodiscard]] boost::json::value ToJson(const StatusResult& result);
[[nodiscard]] boost::json::value ToJson(const SessionsResult& result);
[[nodiscard]] boost::json::value ToJson(const PluginsResult& result);
[[nodiscard]] boost::json::value ToJson(const TraceResult& result);
[[nodiscard]] boost::json::value ToJson(const ReloadResult& result);

/// The reverse. Members that are not known are passed over, as newer brokers may add some; one that
/// is missing or of another type is kCorrupt, and the message names it.
[[nodiscard]] Result<StatusResult> ParseStatusResult(const boost::json::value& json);
[[nodiscard]] Result<SessionsResult> ParseSessionsResult(const boost::json::value& json);
[[nodiscard]] Result<PluginsResult> ParsePluginsResult(const boost::json::value& json);
[[nodiscard]] Result<TraceResult> ParseTraceResult(const boost::json::value& json);
[[nodiscard]] Result<ReloadResult> ParseReloadResult(const boost::json::value& json);

}  // namespace broker
