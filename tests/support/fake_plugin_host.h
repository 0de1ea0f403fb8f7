#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "usher/event.h"
#include "usher/ext/config.h"
#include "usher/ext/log.h"
#include "usher/ext/sessions.h"
#include "usher/ext/storage.h"
#include "usher/plugin.h"

namespace broker::testing {

/// What a plugin said about an event it had answered with USHER_PENDING.
struct FakeCompletion {
  uint64_t seq = 0;
  usher_status status = USHER_OK;
  std::string text;  ///< "" for NULL.

  friend bool operator==(const FakeCompletion&, const FakeCompletion&) = default;
};

/// The broker as a plugin sees it, in plain C, scripted by a test. Only `complete`, `Completions`,
/// `should_stop` and the log may be used by several threads at a time.
class FakePluginHost {
 public:
  using Value = std::variant<std::string, int64_t, double, bool, std::vector<std::string>>;

  FakePluginHost();
  FakePluginHost(const FakePluginHost&) = delete;
  FakePluginHost& operator=(const FakePluginHost&) = delete;

  [[nodiscard]] const usher_host* raw() const { return &host_; }

  std::map<std::string, Value> config;
  std::map<std::string, std::string> storage;
  std::vector<usher_session> sessions;  ///< What sessions.visit hands out.
  std::set<std::string> missing_extensions;
  usher_status subscribe_status = USHER_OK;
  usher_status storage_status = USHER_OK;  ///< Other than OK: every call fails with it …
  std::string storage_error;               ///< … and this text.
  usher_status visit_status = USHER_OK;

  usher_status complete_status = USHER_OK;
  std::atomic<bool> should_stop = false;

  std::vector<std::pair<int32_t, std::string>> logs;
  std::vector<std::string> subscribed;
  std::atomic<int> calls = 0;  ///< Of any host function.

  [[nodiscard]] std::vector<FakeCompletion> Completions() const;

 private:
  struct Functions;

  mutable std::mutex mutex_;
  std::vector<FakeCompletion> completions_;

  usher_host host_{};
};

/// A session with nothing known of it, and one of a user in the foreground of seat0.
[[nodiscard]] usher_session EmptySession();
[[nodiscard]] usher_session UserSession(const char* key, const char* user);

/// An event with nothing but its type, name and number.
[[nodiscard]] usher_event EmptyEvent(usher_event_type type, const char* type_name, uint64_t seq);

/// Sessions as a snapshot, which must not outlive it.
class FakeSnapshot {
 public:
  FakeSnapshot(uint64_t as_of_seq, std::vector<usher_session> sessions);
  FakeSnapshot(const FakeSnapshot&) = delete;
  FakeSnapshot& operator=(const FakeSnapshot&) = delete;

  [[nodiscard]] const usher_snapshot& raw() const { return raw_; }

 private:
  const std::vector<usher_session> sessions_;
  std::vector<const usher_session*> pointers_;
  usher_snapshot raw_{};
};

/// What came of a call into a plugin.
struct CallResult {
  usher_status status = USHER_OK;
  std::string text;
};

/// One instance of a plugin, called through the C interface as the broker does.
class PluginDriver {
 public:
  PluginDriver(const usher_plugin_entry_t& entry, const FakePluginHost& host);
  ~PluginDriver();
  PluginDriver(const PluginDriver&) = delete;
  PluginDriver& operator=(const PluginDriver&) = delete;

  /// Whether create() made one; if not, `create_error` says why.
  [[nodiscard]] bool created() const { return plugin_ != nullptr; }
  [[nodiscard]] const std::string& create_error() const { return create_error_; }

  CallResult Init();
  CallResult Snapshot(const usher_snapshot& snapshot);
  CallResult Event(const usher_event& event);
  void Stop();
  /// From another thread, while a call runs.
  void Interrupt();

 private:
  const usher_plugin* plugin_ = nullptr;
  std::string create_error_;
};

}  // namespace broker::testing
