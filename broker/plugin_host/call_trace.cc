#include "plugin_host/call_trace.h"

#include <algorithm>
#include <utility>

#include "event/clock.h"

namespace broker {
namespace {

int64_t Nanoseconds(Condition::TimePoint time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

}  // namespace

bool CallTrace::IsBefore(int64_t until) noexcept {
  return Nanoseconds(CoarseNow()) < until;
}

void CallTrace::Add(TracedCall call) {
  const MutexLock lock(mutex_);
  CountPassed();
  calls_.push_back(std::move(call));
  if (calls_.size() > kKept) calls_.pop_front();
  ++count_;
  added_.NotifyAll();
}

/// What was kept before calls that were not is lost with them: numbers have no holes.
void CallTrace::CountPassed() {
  const uint64_t passed = passed_;
  if (passed == counted_) return;
  count_ += passed - counted_;
  counted_ = passed;
  calls_.clear();
}

TracePage CallTrace::Read(uint64_t after, std::chrono::milliseconds wait) {
  const auto now = std::chrono::steady_clock::now();
  wanted_until_ = Nanoseconds(now + kLease);
  const MutexLock lock(mutex_);
  CountPassed();
  if (after == 0 || after > count_) after = count_;
  while (after == count_ && added_.WaitUntil(mutex_, now + wait)) {
  }
  return Page(after);
}

/// A number is that of the call to come: `count_` less those that are kept is the first one's.
TracePage CallTrace::Page(uint64_t after) {
  const uint64_t first = count_ - calls_.size();
  const uint64_t begin = std::max(after, first);
  TracePage page;
  page.lost = begin - after;
  page.next = count_;
  page.calls.assign(calls_.end() - static_cast<std::ptrdiff_t>(count_ - begin), calls_.end());
  return page;
}

}  // namespace broker
