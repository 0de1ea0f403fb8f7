#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "dispatch/consumer.h"
#include "dispatch/cursor_store.h"
#include "dispatch/hub.h"
#include "eventlog/file_system.h"

namespace broker {

/// What a lane needs to know. A value.
struct LaneOptions {
  std::string instance;
  std::string log_directory;
  std::string boot_id;          ///< Events of other boots are skipped, not redelivered.
  int64_t oldest_us = 0;        ///< Events of a UTC time before this are skipped at start.
  Seq redelivered_through = 0;  ///< Events up to here may have been delivered before a crash.
  size_t queue_limit = 1024;    ///< Events held in memory; a lane further behind reads the files.
};

/// How far a lane has come.
struct LaneProgress {
  Seq acknowledged = 0;  ///< The consumer finished everything up to here.
  Seq committed = 0;     ///< The log's end, as the lane knows it.
  bool running = false;  ///< The worker is up and the consumer active.
};

/// One consumer's queue and worker thread. It holds no plugin code, so signals may track it. An
/// event is either in its bounded queue or in the files behind its cursor: a slow consumer costs no
/// memory and loses nothing.
///
/// Thread-safe. Stop must have been called before the last reference goes.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  /// `consumer`, `hub`, `files` and `cursors` must outlive the lane.
  static std::shared_ptr<Lane> Create(LaneOptions options, Consumer& consumer, Hub& hub,
                                      FileSystem& files, const CursorStore& cursors);
  virtual ~Lane() = default;

  /// Starts the worker, activates the consumer on it, connects it to the hub, and waits for that up
  /// to `timeout`. kTimeout: it is still at it and will go on when it is done.
  virtual Status Activate(std::chrono::milliseconds timeout) = 0;

  /// Lets the event at hand finish, deactivates the consumer, saves the cursor. False when that
  /// took longer than `timeout`: the worker is then still inside the consumer, which must not be
  /// freed.
  virtual bool Stop(std::chrono::milliseconds timeout) = 0;

  [[nodiscard]] virtual LaneProgress Progress() const = 0;
};

}  // namespace broker
