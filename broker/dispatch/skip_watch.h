#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>

#include "event/event.h"
#include "event/mutex.h"

namespace broker {

/// The skips that an instance was told of, until the plugin.skipped that names each is in the log.
/// A cursor that went past one before would hide it: killed then, nobody would ever know what the
/// instance did not see.
///
/// Note: pipeline thread, during an emission. The rest: the lane's worker.
class SkipWatch {
 public:
  explicit SkipWatch(std::string instance) : instance_(std::move(instance)) {}

  /// The instance will be told that it does not see the events from `from` on.
  void Add(Seq from);
  /// These plugin.skipped events are in the log, or will be.
  void Note(std::span<const Event* const> events) noexcept;

  /// How far a cursor at `seq` may be saved, `synced` being the last event that is on the disk.
  [[nodiscard]] Seq Bound(Seq seq, Seq synced);

 private:
  const std::string instance_;
  Mutex mutex_;
  /// Where each begins, and the event that names it; 0 = there is none yet.
  std::map<Seq, Seq> skips_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
