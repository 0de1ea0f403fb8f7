#include "daemon/event_pump.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/memory.h"
#include "dispatch/hub.h"

namespace broker {
namespace {

using std::chrono::steady_clock;

// The source's queue is bounded: what overflows is lost and then reconciled.
constexpr size_t kRawCapacity = 64U << 10U;
// More than a report usually becomes.
constexpr size_t kEventsOfAReport = 8;
// So many events leave memory behind that is given back once nothing has come for a while.
constexpr Seq kManyEvents = 1024;
constexpr std::chrono::milliseconds kQuiet{500};
// How long lanes that keep the ring's end are given way to, and how often it is looked whether they
// have moved on.
constexpr std::chrono::microseconds kMostGivenWay{10'000};
constexpr std::chrono::microseconds kGiveWayStep{50};
// How long the end waits for a disk that is slow.
constexpr std::chrono::seconds kFinishTime{8};

}  // namespace

EventPump::EventPump(Stages stages, std::function<void()> on_end, Heartbeat heartbeat)
    : stages_(stages),
      on_end_(std::move(on_end)),
      heartbeat_(std::move(heartbeat)),
      most_events_(stages.log.MostEvents()),
      raw_(kRawCapacity, [this] { Wake(); }),
      beat_at_(heartbeat_.interval.count() == 0 ? Condition::TimePoint::max()
                                                : Condition::TimePoint()) {
  delivered_ = status_.last_seq = stages_.log.LastSeq();
  status_.source_since_us = SystemClock().Now().realtime_us;
  stages_.log.CallOnNews([this] { Wake(); });
}

EventPump::~EventPump() {
  Stop();
}

void EventPump::Start(std::vector<Event> first) {
  events_ = std::move(first);
  Wake();
  thread_ = std::thread([this] { Run(); });
}

bool EventPump::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  return closed_;
}

void EventPump::Announce(Event event) noexcept {
  const MutexLock lock(mutex_);
  announced_.push_back(std::move(event));
  // Before anybody else finds that it was done: a plugin's own thread may not get to it for long.
  if (!std::exchange(work_, true)) changed_.NotifyAll();
}

/// Without the lock, which who is woken needs; and once, until that has been seen.
void EventPump::Wake() {
  {
    const MutexLock lock(mutex_);
    if (std::exchange(work_, true)) return;
  }
  changed_.NotifyAll();
}

void EventPump::Run() {
  bool more = true;
  while (more) {
    more = WaitForWork();
    held_back_ = !TakeEvents();
    Commit();
    BeginSync();
    if (held_back_ && !stages_.log.Full()) Wake();
    if (ended_ && Finished()) {
      ended_ = false;
      NoteEnd();
    }
  }
  Finish();
}

/// Whether all that was taken is delivered.
bool EventPump::Finished() const {
  return taken_.empty() && events_.empty() && delivered_ == stages_.log.LastSeq();
}

void EventPump::Finish() {
  const auto deadline = steady_clock::now() + kFinishTime;
  while (steady_clock::now() < deadline) {
    held_back_ = !TakeEvents();
    Commit();
    if (!held_back_ && Finished()) break;
    if (held_back_ && !stages_.log.Full()) continue;
    const MutexLock lock(mutex_);
    while (!work_ && changed_.WaitUntil(mutex_, std::min(deadline, stages_.log.Deadline()))) {
    }
    work_ = false;
  }
  closed_ = stages_.log.Close(deadline, [this] { return stages_.committed.Snapshot(); });
  const LogHealth health = stages_.log.Health();
  given_up_ = health.unwritten + events_.size() - appended_ + taken_.size() - normalized_;
  if (given_up_ == 0) return;
  stages_.diagnostics.Log(Severity::kError, "eventlog",
                          std::to_string(given_up_) +
                              " events are given up: the log could not be written until the end" +
                              (health.trouble.empty() ? "" : ": " + health.trouble));
}

/// Of what was reported before somebody wanted it: that is appended by now.
void EventPump::BeginSync() {
  {
    const MutexLock lock(mutex_);
    const bool waits = work_ || held_back_ || !events_.empty() || !taken_.empty();
    if (syncs_begun_ == syncs_wanted_ || waits) return;
    syncs_begun_ = syncs_wanted_;
    sync_through_ = stages_.log.LastSeq();
  }
  stages_.log.SyncSoon();
  Wake();
}

bool EventPump::Sync(std::chrono::milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  const MutexLock lock(mutex_);
  const uint64_t mine = ++syncs_wanted_;
  work_ = true;
  changed_.NotifyAll();
  while (syncs_begun_ < mine || status_.log.synced_seq < sync_through_) {
    if (!changed_.WaitUntil(mutex_, deadline)) return false;
  }
  return true;
}

void EventPump::NoteEnd() {
  {
    const MutexLock lock(mutex_);
    status_.source_trouble = end_trouble_;
  }
  NoteSource(&PumpStatus::source_ended, true);
  on_end_();
}

bool EventPump::WaitForWork() {
  const bool tired = delivered_ - rested_at_ >= kManyEvents;
  const auto rest = tired ? steady_clock::now() + kQuiet : Condition::TimePoint::max();
  const auto deadline = std::min({stages_.log.Deadline(), rest, beat_at_});
  bool quiet = false;
  {
    const MutexLock lock(mutex_);
    while (!work_ && !stopping_ && !quiet) quiet = !changed_.WaitUntil(mutex_, deadline);
    quiet = quiet && !work_ && !stopping_;
  }
  if (quiet && steady_clock::now() >= rest) Rest();
  const MutexLock lock(mutex_);
  work_ = false;
  busy_ = true;
  return !stopping_;
}

/// False when the disk is behind: until it has caught up, what comes waits in the source's queue.
bool EventPump::TakeEvents() {
  if (stages_.log.Full()) return false;
  if (taken_.empty() && raw_.Take(taken_)) stages_.source.RequestSnapshot();
  NormalizeSome();
  return true;
}

/// Makes events of as many reports as a batch has room for, while what they touch is at hand;
/// behind the last one of those that the broker announced itself.
void EventPump::NormalizeSome() {
  const size_t reports = taken_.size() - normalized_;
  if (events_.empty() && reports >= BatchPool::kLeastEvents) events_ = stages_.log.Room();
  if (events_.empty()) events_.reserve(std::min(reports, most_events_));
  while (normalized_ < taken_.size() && events_.size() + kEventsOfAReport <= most_events_) {
    Normalize(std::move(taken_[normalized_++]));
  }
  if (normalized_ == taken_.size()) {
    taken_.clear();
    normalized_ = 0;
    TakeAnnounced();
  }
  std::vector<SessionRef> quiet = stages_.table.TakeQuiet();
  std::move(quiet.begin(), quiet.end(), std::back_inserter(quiet_));
}

void EventPump::TakeAnnounced() {
  std::vector<Event> announced;
  {
    const MutexLock lock(mutex_);
    announced.swap(announced_);
  }
  for (Event& event : announced) {
    stages_.table.Apply(event);
    events_.push_back(std::move(event));
  }
}

void EventPump::Normalize(RawEvent&& raw) {
  if (raw.kind == RawKind::kEnd) {
    ended_ = true;
    end_trouble_ = std::move(raw.reason);
    return;
  }
  const RawKind kind = raw.kind;
  stages_.normalizer.Normalize(std::move(raw), events_);
  if (kind == RawKind::kSnapshot) snapshot_taken_ = true;
  if (kind == RawKind::kSnapshot || kind == RawKind::kLost) {
    NoteSource(&PumpStatus::source_lost, kind == RawKind::kLost);
  }
}

void EventPump::NoteSource(bool PumpStatus::*fact, bool holds) {
  const MutexLock lock(mutex_);
  if (status_.*fact == holds) return;
  status_.*fact = holds;
  status_.source_since_us = SystemClock().Now().realtime_us;
}

void EventPump::Commit() {
  const LogWriter::Sessions sessions = [this] { return stages_.committed.Snapshot(); };
  do {
    if (events_.empty() && !taken_.empty()) NormalizeSome();
    AppendSome();
    Deliver(stages_.log.Advance(sessions));
    GiveWay();
    Beat();
  } while (!(events_.empty() && taken_.empty()) && !stages_.log.Full());
  if (Finished() && !quiet_.empty()) RefreshCommitted();
  NoteHealth();
}

/// All that the table knows is committed: how the sessions are now counts, not how they were when a
/// fact of theirs changed.
void EventPump::RefreshCommitted() {
  for (SessionRef& session : quiet_) {
    if (SessionRef now = stages_.table.Find(session->Id())) session = std::move(now);
  }
  stages_.committed.Refresh(quiet_);
  quiet_.clear();
}

/// Hands the log as many events as make a batch.
void EventPump::AppendSome() {
  if (events_.empty() || stages_.log.Full()) return;
  if (appended_ == 0 && events_.size() <= most_events_) {
    stages_.log.Append(std::exchange(events_, {}));
    return;
  }
  const auto begin = events_.begin() + static_cast<ptrdiff_t>(appended_);
  const size_t count = std::min(events_.size() - appended_, most_events_);
  const auto end = begin + static_cast<ptrdiff_t>(count);
  stages_.log.Append({std::make_move_iterator(begin), std::make_move_iterator(end)});
  appended_ = static_cast<size_t>(end - events_.begin());
  if (appended_ < events_.size()) return;
  events_.clear();
  appended_ = 0;
}

void EventPump::Deliver(const std::vector<BatchRef>& batches) {
  for (const BatchRef& batch : batches) {
    stages_.committed.Commit(batch->events);
    stages_.hub.Emit(*batch);
    delivered_ = batch->Last();
  }
}

/// After a storm: what it needed is given back, again where lanes have still been moving on.
void EventPump::Rest() {
  const Seq slowest = std::min(stages_.hub.Slowest(), delivered_);
  rested_at_ = slowest > rested_at_ ? slowest : delivered_;
  stages_.log.Forget(slowest);
  ReturnFreeMemory();
}

void EventPump::Beat() {
  if (beat_at_ == Condition::TimePoint::max()) return;
  const auto now = steady_clock::now();
  if (now < beat_at_) return;
  beat_at_ = now + heartbeat_.interval;
  heartbeat_.beat();
}

/// In a storm the lanes need the processor, too. One that is working, but about to fall off the
/// ring, is given a moment: reading the files would cost everybody more. One that does not move is
/// not waited for again, nor is one that has fallen off.
void EventPump::GiveWay() {
  const Seq first = stages_.log.Ring().First();
  if (delivered_ < first + 2 * most_events_) return;
  const Seq middle = first + (delivered_ - first) / 2;
  const auto find_slowest = [&] { return stages_.hub.Slowest(first - 1); };
  const Seq slowest = find_slowest();
  if (slowest >= middle || slowest == waited_for_ || raw_.Crowded()) return;
  const auto deadline = steady_clock::now() + kMostGivenWay;
  Seq now = slowest;
  while (now < middle && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kGiveWayStep);
    now = find_slowest();
  }
  waited_for_ = now == slowest ? slowest : 0;
}

// Diagnostics are written without the lock: whoever reads them may be slow.
void EventPump::NoteHealth() {
  const LogHealth health = stages_.log.Health();
  LogHealth before;
  {
    const MutexLock lock(mutex_);
    busy_ = held_back_ || !Finished();
    status_.last_seq = delivered_;
    if (snapshot_taken_ && !busy_ && !status_.source_known) {
      status_.source_known = true;
      status_.source_since_us = SystemClock().Now().realtime_us;
    }
    if (!health.degraded) {
      status_.degraded_since_us = 0;
    } else if (status_.degraded_since_us == 0) {
      status_.degraded_since_us = SystemClock().Now().realtime_us;
    }
    before = std::exchange(status_.log, health);
    changed_.NotifyAll();
  }
  Tell(before, health);
}

/// What began or ended between the two.
void EventPump::Tell(const LogHealth& before, const LogHealth& now) const {
  const auto tell = [this](Severity severity, const std::string& text) {
    stages_.diagnostics.Log(severity, "eventlog", text);
  };
  if (before.trouble.empty() && !now.trouble.empty()) {
    tell(Severity::kError, now.trouble +
                               "; until that is mended events are kept in memory, and delivered "
                               "flagged as unlogged");
  } else if (!before.trouble.empty() && now.trouble.empty()) {
    tell(Severity::kInfo, "the log can be written again");
  }
  if (before.unreserved.empty() && !now.unreserved.empty()) {
    tell(Severity::kError, "no numbers can be reserved for events: " + now.unreserved +
                               "; it is tried again twice a second");
  } else if (!before.unreserved.empty() && now.unreserved.empty()) {
    tell(Severity::kInfo, "numbers can be reserved for events again");
  }
  if (before.untrimmed.empty() && !now.untrimmed.empty()) {
    tell(Severity::kError, now.untrimmed + "; it is tried again with the next events");
  } else if (!before.untrimmed.empty() && now.untrimmed.empty()) {
    tell(Severity::kInfo, "the log is within its limits again");
  }
}

bool EventPump::WaitForSnapshot(std::chrono::milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  const MutexLock lock(mutex_);
  while (!status_.source_known) {
    if (!changed_.WaitUntil(mutex_, deadline)) return status_.source_known;
  }
  return true;
}

bool EventPump::Busy() const {
  const MutexLock lock(mutex_);
  return work_ || busy_;
}

PumpStatus EventPump::GetStatus() const {
  const int64_t since_us = stages_.log.StalledSince();
  const std::string stalled = stages_.log.Stalled();
  const MutexLock lock(mutex_);
  PumpStatus status = status_;
  status.source_dropped = raw_.Dropped();
  if (stalled.empty()) return status;
  if (!status.log.degraded) status.degraded_since_us = since_us;
  status.log.degraded = true;
  status.log.trouble = stalled;
  return status;
}

}  // namespace broker
