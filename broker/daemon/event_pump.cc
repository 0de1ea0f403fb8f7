#include "daemon/event_pump.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using std::chrono::steady_clock;

// The source's queue is bounded: what overflows is lost and then reconciled.
constexpr size_t kRawCapacity = 64U << 10U;
// Events kept in memory while the log cannot be written.
constexpr size_t kMaxUnwritten = 64U << 10U;
constexpr std::chrono::milliseconds kRetryInterval{500};
// One write and one sync serve a batch; a larger one only makes its first event wait longer.
constexpr size_t kMaxBatch = 1024;

std::vector<const Event*> Pointers(const Batch& batch) {
  std::vector<const Event*> events;
  events.reserve(batch.size());
  for (const EventRef& stored : batch) events.push_back(&stored->event);
  return events;
}

}  // namespace

EventPump::EventPump(Stages stages, std::function<void()> on_end)
    : stages_(stages), on_end_(std::move(on_end)), raw_(kRawCapacity, [this] { Wake(); }) {
  status_.last_seq = stages_.log.LastSeq();
}

EventPump::~EventPump() {
  Stop();
}

void EventPump::Start(std::vector<Event> first) {
  events_ = std::move(first);
  Wake();
  thread_ = std::thread([this] { Run(); });
}

void EventPump::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void EventPump::Announce(Event event) noexcept {
  const MutexLock lock(mutex_);
  announced_.push_back(std::move(event));
  work_ = true;
  changed_.NotifyAll();
}

void EventPump::Wake() {
  const MutexLock lock(mutex_);
  work_ = true;
  changed_.NotifyAll();
}

void EventPump::Run() {
  bool more = true;
  while (more) {
    more = WaitForWork();
    TakeEvents();
    Commit();
    if (ended_) {
      ended_ = false;
      NoteEnd();
    }
  }
  if (!events_.empty()) {
    stages_.diagnostics.Log(Severity::kError, "eventlog",
                            std::to_string(events_.size()) +
                                " events are given up: the log could not be written until the end");
  }
}

void EventPump::NoteEnd() {
  {
    const MutexLock lock(mutex_);
    status_.source_ended = true;
  }
  on_end_();
}

bool EventPump::WaitForWork() {
  const auto retry =
      events_.empty() ? Condition::TimePoint::max() : steady_clock::now() + kRetryInterval;
  const MutexLock lock(mutex_);
  while (!work_ && !stopping_) {
    if (!changed_.WaitUntil(mutex_, retry)) break;
  }
  work_ = false;
  busy_ = true;
  return !stopping_;
}

void EventPump::TakeEvents() {
  if (raw_.Take(taken_)) stages_.source.RequestSnapshot();
  for (const RawEvent& raw : taken_) Normalize(raw);
  taken_.clear();
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

void EventPump::Normalize(const RawEvent& raw) {
  if (raw.kind == RawKind::kEnd) {
    ended_ = true;
    return;
  }
  stages_.normalizer.Normalize(raw, events_);
  if (raw.kind == RawKind::kSnapshot) snapshot_taken_ = true;
  if (raw.kind == RawKind::kSnapshot || raw.kind == RawKind::kLost) {
    const MutexLock lock(mutex_);
    status_.source_lost = raw.kind == RawKind::kLost;
  }
}

void EventPump::Commit() {
  while (!events_.empty()) {
    const auto end = events_.begin() + static_cast<ptrdiff_t>(std::min(events_.size(), kMaxBatch));
    const auto sessions = [this] { return stages_.committed.Snapshot(); };
    Result<Batch> batch = stages_.log.Append({events_.begin(), end}, sessions);
    if (!batch.ok()) {
      KeepForLater(batch.status());
      return;
    }
    events_.erase(events_.begin(), end);
    stages_.committed.Commit(Pointers(batch.value()));
    stages_.hub.Emit(batch.value());
  }
  stages_.committed.Refresh(stages_.table.All());
  if (NoteCommit()) {
    stages_.diagnostics.Log(Severity::kInfo, "eventlog", "the log can be written again");
  }
}

bool EventPump::NoteCommit() {
  const MutexLock lock(mutex_);
  const bool recovered = !status_.log_trouble.empty();
  busy_ = false;
  status_.log_trouble.clear();
  status_.unwritten = 0;
  status_.last_seq = stages_.log.LastSeq();
  status_.source_known = status_.source_known || snapshot_taken_;
  changed_.NotifyAll();
  return recovered;
}

void EventPump::KeepForLater(const Status& trouble) {
  if (events_.size() > kMaxUnwritten) {
    stages_.diagnostics.Log(Severity::kError, "eventlog",
                            std::to_string(events_.size() - kMaxUnwritten) +
                                " of the oldest waiting events are given up");
    events_.erase(events_.begin(), events_.end() - kMaxUnwritten);
  }
  if (NoteTrouble(trouble)) {
    stages_.diagnostics.Log(Severity::kError, "eventlog",
                            trouble.message() +
                                "; events wait in memory, nothing is delivered, "
                                "until it can be written again");
  }
}

bool EventPump::NoteTrouble(const Status& trouble) {
  const MutexLock lock(mutex_);
  const bool news = status_.log_trouble.empty();
  status_.log_trouble = trouble.message();
  status_.unwritten = events_.size();
  return news;
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
  const MutexLock lock(mutex_);
  return status_;
}

}  // namespace broker
