#include "plugin_host/timer_calls.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace broker {
namespace {

using std::chrono::steady_clock;

// So many timers are called in a row before the lane looks at its events again; a simulated day may
// have passed at once.
constexpr int kMostCalls = 64;
constexpr int kMostSimulatedCalls = 100'000;
constexpr std::chrono::milliseconds kSimulatedPoll{10};

}  // namespace

void TimerCalls::CallAt(int64_t event_us) {
  CallDue(simulated_ ? event_us : host_.Now().monotonic_us);
  if (simulated_) host_.AdvanceTimers(event_us);
}

void TimerCalls::CallDue(int64_t now_us) {
  const int most = simulated_ ? kMostSimulatedCalls : kMostCalls;
  for (int calls = 0; calls < most && !health_.Quarantined() && !health_.Silent(); ++calls) {
    if (simulated_) hear_();  // Of the time that has been; it may lead to a timer.
    const std::optional<int64_t> next = host_.Timers().NextAt();
    if (simulated_ && Hear(std::min(next.value_or(now_us), now_us))) continue;
    if (!next || *next > now_us) return;
    // Simulated time leaps, and what it leaps over has not been missed.
    const auto due = host_.Timers().TakeDue(simulated_ ? *next : now_us);
    if (!due) continue;
    if (simulated_) host_.AdvanceTimers(due->at_us);
    call_(*due);
  }
}

bool TimerCalls::Hear(int64_t until_us) {
  const std::optional<int64_t> at_us = host_.Launches().Advance(until_us);
  if (!at_us) return false;
  host_.AdvanceTimers(*at_us);
  hear_();
  return true;
}

bool TimerCalls::Waits() const {
  return host_.Timers().NextAt() || (simulated_ && host_.Launches().Expects());
}

/// Nobody wakes a lane when a simulated clock moves: it is looked at now and then. Its events are
/// on their way while it moves, and come first.
Condition::TimePoint TimerCalls::Tend() {
  if (!Waits()) return Condition::TimePoint::max();
  const auto poll = steady_clock::now() + kSimulatedPoll;
  const int64_t now_us = host_.Now().monotonic_us;
  if (simulated_ && std::exchange(clock_us_, now_us) != now_us) return poll;
  CallDue(now_us);
  if (health_.Quarantined()) return steady_clock::now();
  if (!Waits()) return Condition::TimePoint::max();
  if (simulated_) return poll;
  const std::optional<int64_t> next = host_.Timers().NextAt();
  return steady_clock::now() + std::chrono::microseconds(std::max<int64_t>(*next - now_us, 0));
}

}  // namespace broker
