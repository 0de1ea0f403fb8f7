#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <usher/plugin.hpp>

namespace hooks {

/// What becomes of an event whose hook has failed.
enum class OnFailure : int32_t {
  kIgnore,  ///< The next hook comes.
  kRetry,   ///< The hook is run again; after its last try the next one comes.
  kStop,    ///< The event has no more hooks.
};

/// One [[plugins.NAME.config.hook]]. A value.
struct Hook {
  std::vector<std::string> on;  ///< Globs of types.
  std::string program;          ///< An absolute path; with `shell` what /bin/sh is to do.
  std::vector<std::string> args;
  bool shell = false;
  usher::RunAs run_as = usher::RunAs::kRoot;

  // Of which sessions; empty: of all, and of events that concern none.
  std::vector<std::string> classes;
  std::vector<std::string> users;   ///< Ids.
  std::vector<std::string> groups;  ///< Ids.
  std::vector<std::string> seats;
  std::string via;  ///< "console" or "remote".

  std::chrono::microseconds timeout{std::chrono::seconds(30)};
  size_t output = 4096;  ///< Bytes of what it writes that are kept.
  OnFailure on_failure = OnFailure::kIgnore;
  int64_t retries = 3;
  std::chrono::microseconds retry_wait{std::chrono::seconds(5)};

  /// Whether it is to be run for such an event.
  [[nodiscard]] bool Wants(const usher::Event& event) const;
};

/// The whole configuration. A value.
struct Settings {
  std::vector<Hook> hooks;  ///< In the order of the file.
  bool parallel = false;    ///< The hooks of one event need not wait for each other.
  int64_t concurrency = 4;  ///< So many programs run at most.
};

/// The session that the event concerns, also one that is gone.
[[nodiscard]] usher::Session SessionOf(const usher::Event& event);

/// Reads the instance's table; what is wrong is told to the broker, all of it, with its lines.
[[nodiscard]] Settings ReadSettings(const usher::Config& config);

}  // namespace hooks
