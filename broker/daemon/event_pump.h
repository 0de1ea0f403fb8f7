#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "event/clock.h"
#include "event/diagnostics.h"
#include "event/mutex.h"
#include "eventlog/writer.h"
#include "plugin_host/announcer.h"
#include "session/committed_sessions.h"
#include "session/normalizer.h"
#include "source/raw_queue.h"
#include "source/source.h"

namespace broker {

class Hub;

/// How the pump is doing; a copy.
struct PumpStatus {
  Seq last_seq = 0;
  bool source_known = false;      ///< The source has said which sessions there are.
  bool source_lost = false;       ///< The source has no contact with its system now.
  bool source_ended = false;      ///< The source will never say more.
  std::string source_trouble;     ///< What went wrong with that; empty: nothing.
  int64_t source_since_us = 0;    ///< UTC, since when these three are as they are.
  uint64_t source_dropped = 0;    ///< Reports that its queue had no room for.
  int64_t degraded_since_us = 0;  ///< UTC, since when the log is; 0 = it is not.
  LogHealth log;
};

/// Somebody who wants to know that the pump goes round. A copy.
struct Heartbeat {
  std::chrono::microseconds interval{0};  ///< How often; 0 = need not be.
  std::function<void()> beat;             ///< Must be noexcept. [pump's thread]
};

/// The pipeline's one thread: takes what the source and the broker's own stages report, turns it
/// into events, appends them to the log a batch at a time, and tells the signals of what may be
/// delivered.
///
/// Each round takes the source's reports first: an event of the broker's own may be numbered behind
/// a report that came after it.
///
/// Start and Stop from one thread; Announce, Sink and the queries from any.
class EventPump final : public Announcer {
 public:
  /// What it works with; all of it must outlive the pump.
  struct Stages {
    Source& source;
    SessionTable& table;
    Normalizer& normalizer;
    LogWriter& log;
    CommittedSessions& committed;
    Hub& hub;
    Diagnostics& diagnostics;
  };

  /// `on_end` is called on the pump's thread once the source said kEnd and all before it is
  /// committed; `heartbeat` from Start to Stop, each time its interval has passed and a round, or a
  /// batch of it, is done: also where nothing happens, and while a sync of the log hangs.
  EventPump(Stages stages, std::function<void()> on_end, Heartbeat heartbeat = {});
  ~EventPump() override;

  /// Begins with `first`, events that the broker has found out before.
  void Start(std::vector<Event> first);
  /// Finishes what was reported until now and ends the thread. Whatever cannot be written by then
  /// is given up, and said so. Nothing is taken afterwards. False when the log's disk does not
  /// answer: a thread is left behind that needs the log, so the process must end by _Exit.
  bool Stop();
  /// How many events were given up at the end; known once Stop has returned.
  [[nodiscard]] uint64_t GivenUp() const { return given_up_; }

  /// Where the source reports to.
  RawSink& Sink() { return raw_; }
  void Announce(Event event) noexcept override;

  /// Waits for the source's first snapshot to be committed; false after `timeout`.
  [[nodiscard]] bool WaitForSnapshot(std::chrono::milliseconds timeout);

  /// Has all that was reported until now brought to the disk, whatever the log's mode is, and waits
  /// for it; false after `timeout`.
  [[nodiscard]] bool Sync(std::chrono::milliseconds timeout);

  /// Whether something was reported that is not committed yet.
  [[nodiscard]] bool Busy() const;

  [[nodiscard]] PumpStatus GetStatus() const;

 private:
  void Run();
  /// Waits for work; false when it is time to end.
  bool WaitForWork();
  bool TakeEvents();
  void NormalizeSome();
  void Normalize(RawEvent&& raw);
  void TakeAnnounced();
  void Commit();
  void RefreshCommitted();
  void AppendSome();
  void Deliver(const std::vector<BatchRef>& batches);
  void GiveWay();
  void Rest();
  void NoteEnd();
  void BeginSync();
  [[nodiscard]] bool Finished() const;
  void Finish();
  void NoteHealth();
  void Tell(const LogHealth& before, const LogHealth& now) const;
  void NoteSource(bool PumpStatus::*fact, bool holds);
  void Beat();
  void Wake();

  Stages stages_;
  const std::function<void()> on_end_;
  const Heartbeat heartbeat_;
  const size_t most_events_;  ///< Of a batch.
  RawQueue raw_;
  std::thread thread_;

  // The pump's thread only.
  std::vector<RawEvent> taken_;
  size_t normalized_ = 0;      ///< How many of them events were made of.
  std::vector<Event> events_;  ///< Unnumbered, in order.
  size_t appended_ = 0;        ///< How many of them the log has taken.
  std::vector<SessionRef>
      quiet_;  ///< Changed without an event; told once the events are delivered.
  Seq delivered_ = 0;
  Seq rested_at_ = 0;             ///< What lanes had finished when memory was last given back.
  Seq waited_for_ = 0;            ///< Where a lane stood that was waited for in vain.
  bool held_back_ = false;        ///< Reports wait in the queue until the disk has caught up.
  Condition::TimePoint beat_at_;  ///< When the next heartbeat is due.
  bool snapshot_taken_ = false;
  std::string end_trouble_;  ///< As the source's kEnd said.
  bool ended_ = false;
  bool closed_ = true;     ///< The log's end is complete.
  uint64_t given_up_ = 0;  ///< Events that the log could not take until then.

  mutable Mutex mutex_;
  Condition changed_;
  std::vector<Event> announced_ USHER_GUARDED_BY(mutex_);
  bool work_ USHER_GUARDED_BY(mutex_) = false;
  bool busy_ USHER_GUARDED_BY(mutex_) = false;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
  uint64_t syncs_wanted_ USHER_GUARDED_BY(mutex_) = 0;  ///< How often Sync was called,
  uint64_t syncs_begun_ USHER_GUARDED_BY(mutex_) = 0;   ///< how many of these were begun,
  Seq sync_through_ USHER_GUARDED_BY(mutex_) = 0;       ///< and what the last of them waits for.
  PumpStatus status_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
