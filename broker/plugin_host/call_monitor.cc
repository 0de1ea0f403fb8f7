#include "plugin_host/call_monitor.h"

#include <algorithm>
#include <future>
#include <system_error>

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using TimePoint = CallMonitor::TimePoint;

int64_t ToNumber(TimePoint time) {
  return std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
}

TimePoint ToTime(int64_t number) {
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(nanoseconds(number)));
}

/// Nothing of an abandoned instance runs again: what it would return into may be gone.
[[noreturn]] void SleepForEver() {
  std::promise<void> never;
  while (true) never.get_future().wait();
}

}  // namespace

CallWatch::CallWatch(std::shared_ptr<CallMonitor> monitor, CallOwner& owner)
    : monitor_(std::move(monitor)), owner_(owner) {
  if (monitor_) monitor_->Add(*this);
}

CallWatch::~CallWatch() {
  if (monitor_) monitor_->Remove(*this);
}

void CallWatch::Store(int64_t deadline) noexcept {
  if (monitor_->fence_.Works()) {
    deadline_.store(deadline, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } else {
    deadline_.store(deadline);
  }
}

void CallWatch::Begin(const RunningCall& call, TimePoint at) noexcept {
  if (!monitor_) return;
  call_ = call;
  const int64_t deadline = ToNumber(at + call.limit);
  Store(deadline);
  if (held_.load()) monitor_->Admit(*this);
  // Before, or the monitor sees the deadline: one of the two must be.
  if (deadline < monitor_->wakes_at_.load()) monitor_->Wake(deadline);
}

bool CallWatch::End() noexcept {
  if (!monitor_) return false;
  Store(kIdle);
  return held_.load() && monitor_->Settle(*this);
}

void CallWatch::Hurry() noexcept {
  if (monitor_) monitor_->Hurry(*this);
}

bool CallWatch::Abandon() noexcept {
  return monitor_ && monitor_->Abandon(*this);
}

CallMonitor::~CallMonitor() {
  Stop();
}

void CallMonitor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CallMonitor::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void CallMonitor::Run() {
  while (true) {
    Check(steady_clock::now());
    const MutexLock lock(mutex_);
    while (!stopping_ && changed_.WaitUntil(mutex_, ToTime(wakes_at_))) {
    }
    if (stopping_) return;
  }
}

CallMonitor::TimePoint CallMonitor::Check(TimePoint now) {
  TimePoint next = TimePoint::max();
  std::vector<Action> actions;
  {
    const MutexLock lock(mutex_);
    wakes_at_ = kNever;  // Who begins while this looks around wakes the thread again.
    fence_.Fence();
    next = TakeOverdue(now);
    actions = Decide(now, next);
    wakes_at_ = next == TimePoint::max() ? kNever : ToNumber(next);
  }
  Tell(actions);
  return next;
}

/// Takes over every call whose time is up; answers when the next one's is.
CallMonitor::TimePoint CallMonitor::TakeOverdue(TimePoint now) {
  TimePoint next = TimePoint::max();
  for (CallWatch* const watch : watches_) {
    const int64_t deadline = watch->deadline_.load();
    if (deadline == CallWatch::kIdle || watch->held_) continue;
    if (ToTime(deadline) > now) {
      next = std::min(next, ToTime(deadline));
    } else if (Take(*watch, ToNumber(now))) {
      Interrupt(taken_.back());
    }
  }
  return next;
}

/// Holds the call at hand if its time is up at `now`: it does not end before it is settled.
bool CallMonitor::Take(CallWatch& watch, int64_t now) {
  watch.held_ = true;
  fence_.Fence();  // Either the deadline is seen here, or who ends the call sees that it is held.
  const int64_t deadline = watch.deadline_.load();
  if (deadline == CallWatch::kIdle || deadline > now) {
    watch.held_ = false;
    return false;
  }
  Taken taken;
  taken.watch = &watch;
  taken.call = watch.call_;
  taken.overdue_at = ToTime(deadline);
  taken_.push_back(taken);
  return true;
}

/// What is to be told now; lowers `next` to when there is more.
std::vector<CallMonitor::Action> CallMonitor::Decide(TimePoint now, TimePoint& next) {
  std::vector<Action> actions;
  for (Taken& taken : taken_) {
    if (taken.watch->abandoned_ || taken.telling) continue;
    if (!taken.announced && taken.overdue_at <= now) {
      taken.announced = taken.telling = true;
      taken.give_up_at = now + grace_;
      actions.push_back({&taken, Telling::kOverdue});
    } else if (taken.give_up_at <= now) {
      taken.watch->abandoned_ = taken.telling = true;
      actions.push_back({&taken, Telling::kAbandoned});
      continue;
    }
    next = std::min(next, taken.announced ? taken.give_up_at : taken.overdue_at);
  }
  return actions;
}

void CallMonitor::Tell(const std::vector<Action>& actions) {
  for (const auto& [taken, what] : actions) {
    CallOwner& owner = taken->watch->owner_;
    if (what == Telling::kOverdue) owner.Overdue(taken->call);
    if (what == Telling::kAbandoned) owner.Abandoned(taken->call, grace_);
    const MutexLock lock(mutex_);
    taken->telling = false;
    changed_.NotifyAll();
  }
}

/// On a thread of its own: what comes of it is up to the plugin.
void CallMonitor::Interrupt(Taken& taken) {
  taken.interrupting = true;
  try {
    std::thread([self = shared_from_this(), &taken] {
      taken.watch->owner_.Interrupt(taken.call);
      const MutexLock lock(self->mutex_);
      taken.interrupting = false;
      self->changed_.NotifyAll();
    }).detach();
  } catch (const std::system_error&) {  // No thread to be had: it is abandoned without.
    taken.interrupting = false;
  }
}

CallMonitor::Taken* CallMonitor::Find(const CallWatch& watch) {
  const auto found = std::find_if(taken_.begin(), taken_.end(),
                                  [&watch](const Taken& each) { return each.watch == &watch; });
  return found == taken_.end() ? nullptr : &*found;
}

void CallMonitor::Add(CallWatch& watch) {
  const MutexLock lock(mutex_);
  watches_.push_back(&watch);
}

void CallMonitor::Remove(CallWatch& watch) {
  const MutexLock lock(mutex_);
  std::erase(watches_, &watch);
}

void CallMonitor::Wake(int64_t deadline) noexcept {
  const MutexLock lock(mutex_);
  if (deadline >= wakes_at_) return;
  wakes_at_ = deadline;
  changed_.NotifyAll();
}

/// A call begins although the monitor has held the one before, or would have liked to.
void CallMonitor::Admit(CallWatch& watch) noexcept {
  {
    const MutexLock lock(mutex_);
    if (!watch.abandoned_) return;
  }
  SleepForEver();
}

/// A call returns that the monitor may see to; false where it did not come to that.
bool CallMonitor::Settle(CallWatch& watch) noexcept {
  {
    const MutexLock lock(mutex_);
    Taken* const taken = Find(watch);
    while (taken != nullptr && !watch.abandoned_ && (taken->telling || taken->interrupting)) {
      changed_.Wait(mutex_);
    }
    if (!watch.abandoned_) {
      watch.held_ = false;
      taken_.remove_if([taken](const Taken& each) { return &each == taken; });
      return taken != nullptr;
    }
  }
  SleepForEver();
}

void CallMonitor::Hurry(CallWatch& watch) noexcept {
  const MutexLock lock(mutex_);
  if (watch.held_ || !Take(watch, kNever)) return;
  Interrupt(taken_.back());
  changed_.NotifyAll();
}

bool CallMonitor::Abandon(CallWatch& watch) noexcept {
  const MutexLock lock(mutex_);
  if (watch.abandoned_) return false;
  watch.abandoned_ = true;
  watch.held_ = true;
  fence_.Fence();
  changed_.NotifyAll();
  return true;
}

}  // namespace broker
