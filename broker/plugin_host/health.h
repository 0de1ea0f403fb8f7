#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "event/event.h"
#include "event/mutex.h"
#include "event/status.h"
#include "eventlog/file_system.h"
#include "plugin_host/call_monitor.h"

namespace broker {

/// One failure of an instance.
struct Strike {
  int64_t time_us = 0;  ///< UTC.
  PluginCall call = PluginCall::kNone;
  Seq seq = 0;  ///< The event at hand; 0 = none.

  friend bool operator==(const Strike&, const Strike&) = default;
};

/// What an instance has done wrong, and whether it may run at all. A value.
struct Health {
  /// So many strikes within the window, and the instance is quarantined.
  static constexpr uint32_t kLimit = 3;
  static constexpr int64_t kWindowUs = 10LL * 60 * 1'000'000;
  /// An event that failed so often is not delivered again.
  static constexpr uint32_t kMostFailures = 2;

  std::deque<Strike> strikes;  ///< The last ones, the oldest first.
  int64_t quarantined_us = 0;  ///< UTC, since when; 0 = it is not.
  int64_t disabled_us = 0;     ///< UTC, since when by command; 0 = it is not.
  std::string last_error;      ///< Sentence; empty if none.

  /// Adds a strike, and quarantines where it is one too many; answers how many count.
  uint32_t Add(const Strike& strike, std::string error);
  /// The strikes within the window, before and behind: the clock may have been set.
  [[nodiscard]] uint32_t Count(int64_t now_us) const;
  /// How often this event has failed.
  [[nodiscard]] uint32_t Failures(Seq seq) const;

  friend bool operator==(const Health&, const Health&) = default;
};

/// The health of each instance, one small file each, replaced atomically: lines "strike TIME CALL
/// SEQ", "quarantined TIME" and "disabled TIME", in the end "error" and the last error. An instance
/// that never failed has none.
///
/// The one place that knows what counts: several may change an instance's at the same time, and
/// what could not be written counts as long as this lives. Thread-safe; who waits for the disk
/// keeps nobody waiting but for the same instance.
class HealthStore {
 public:
  /// `files` must outlive the store. `directory` is made when it is first needed.
  HealthStore(FileSystem& files, std::string directory);

  /// kCorrupt when the file cannot be understood. Where it cannot be read, what is known of it.
  [[nodiscard]] Result<Health> Load(const std::string& instance);

  /// Calls `see` with the same, nobody changing it meanwhile.
  Status See(const std::string& instance, const std::function<void(const Health&)>& see);

  /// Changes what is known of the instance, nobody else doing so meanwhile, and writes it. A file
  /// that cannot be understood is replaced; one that cannot be read, and never could, is not, nor
  /// is `change` called. What cannot be written counts all the same.
  Status Update(const std::string& instance, const std::function<void(Health&)>& change);

  /// Writes what could not be, if anything.
  Status SaveAgain(const std::string& instance);

 private:
  /// What is known of one instance.
  struct Entry {
    Mutex mutex;
    std::optional<Health> known USHER_GUARDED_BY(mutex);  ///< As last read, or meant to be written.
    bool unwritten USHER_GUARDED_BY(mutex) = false;
  };

  [[nodiscard]] Entry& At(const std::string& instance);
  [[nodiscard]] Result<Health> Read(const std::string& instance, Entry& entry)
      USHER_REQUIRES(entry.mutex);
  Status Write(const std::string& instance, Entry& entry) USHER_REQUIRES(entry.mutex);

  FileSystem& files_;
  const std::string directory_;
  Mutex mutex_;
  std::map<std::string, Entry> entries_ USHER_GUARDED_BY(mutex_);  ///< Never removed.
};

}  // namespace broker
