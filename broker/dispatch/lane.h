#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/consumer.h"
#include "dispatch/cursor_store.h"
#include "dispatch/retry_timer.h"
#include "eventlog/event_ring.h"
#include "eventlog/file_system.h"

namespace broker {

class Hub;

/// Where another lane of the same instance ended, in this process: better known than a stored
/// cursor, which never runs ahead of the disk. A value.
struct LaneEnd {
  Seq handed_over = 0;    ///< The consumer had everything up to here that it wanted,
  std::vector<Seq> open;  ///< and has finished it but for these, ascending.

  /// All events up to here are finished.
  [[nodiscard]] Seq Finished() const { return open.empty() ? handed_over : open.front() - 1; }
};

/// What a lane needs to know. A value.
struct LaneOptions {
  std::string instance;
  std::string log_directory;
  std::string boot_id;    ///< Events of other boots are skipped, not redelivered; empty = none are.
  int64_t oldest_us = 0;  ///< Events of a UTC time before this are skipped at start.
  Seq redelivered_through = 0;  ///< Events up to here may have been delivered before a crash.
  RetryLimits retry;
  std::optional<LaneEnd> resume;  ///< Goes on there, whatever the stored cursor says.
  Seq finished = 0;  ///< Where it starts at the log's end: what it had before, in this process.
};

/// How far a lane has come.
struct LaneProgress {
  Seq acknowledged = 0;  ///< The consumer finished everything up to here.
  Seq handed_over = 0;   ///< The consumer had everything up to here; some of it may be open.
  Seq committed = 0;     ///< The log's end, as the lane knows it.
  bool running = false;  ///< The worker is up and the consumer active.
};

/// One consumer's worker thread, and its cursor over the log. It holds no plugin code, so signals
/// may track it. Events are read from the shared ring, or, by who has fallen off it, from the
/// files: a slow consumer costs no memory and loses nothing.
///
/// Thread-safe. Stop must have been called before the last reference goes.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  /// What a lane works with; all of it, and the consumer, must outlive the lane.
  struct Parts {
    Hub& hub;
    const EventRing& ring;
    FileSystem& files;
    const CursorStore& cursors;
  };
  static std::shared_ptr<Lane> Create(LaneOptions options, Consumer& consumer, const Parts& parts);
  virtual ~Lane() = default;

  /// Starts the worker, activates the consumer on it, connects it to the hub, and waits for that up
  /// to `timeout`. kTimeout: it is still at it and will go on when it is done.
  virtual Status Activate(std::chrono::milliseconds timeout) = 0;

  /// Lets the event at hand finish, deactivates the consumer, saves the cursor. False when that
  /// took longer than `timeout`: the worker is then still inside the consumer, which must not be
  /// freed.
  virtual bool Stop(std::chrono::milliseconds timeout) = 0;

  /// The worker is stuck in the consumer and will not come back: it counts no more, neither for who
  /// asks how far the lanes are nor for who waits in Activate or Stop. Its cursor stays.
  virtual void Abandon() noexcept = 0;

  [[nodiscard]] virtual LaneProgress Progress() const = 0;

  /// Whether the consumer is up, wants events of this type and is not done with this one.
  /// Thread-safe.
  [[nodiscard]] virtual bool Owes(EventType type, Seq seq) const = 0;

  /// After Stop has returned true: where it ended; nullopt if the consumer never was active.
  [[nodiscard]] virtual std::optional<LaneEnd> End() const = 0;
};

}  // namespace broker
