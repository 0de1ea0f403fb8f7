#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "event/clock.h"
#include "event/event.h"
#include "event/mutex.h"
#include "event/names.h"
#include "event/process_fence.h"

namespace broker {

/// What of a plugin can be at work. The numbers stand in the crash record.
enum class PluginCall : uint32_t {
  kNone = 0,
  kLoad,  ///< The library's constructors.
  kCheckConfig,
  kCreate,
  kInit,
  kOnSnapshot,
  kOnEvent,
  kTimer,  ///< A timer's callback.
  kStop,
  kDestroy,
  kInterrupt,
  kUnload,  ///< The library's destructors.
  kRun,     ///< The callback of a program that has ended.
  kLaunch,  ///< The callback of an agent.
};

/// "load", "create", …, as in the events; "none", too.
[[nodiscard]] inline std::string_view Name(PluginCall call) {
  constexpr std::array<std::string_view, 14> kNames{
      "none",  "load", "check_config", "create",    "init",   "on_snapshot", "on_event",
      "timer", "stop", "destroy",      "interrupt", "unload", "run",         "launch"};
  return NameIn(kNames, call);
}

/// A call into a plugin. A value.
struct RunningCall {
  PluginCall call = PluginCall::kNone;
  Seq seq = 0;                         ///< The event at hand; 0 = none.
  uint32_t chain = 0;                  ///< That event's.
  std::chrono::microseconds limit{0};  ///< How long it may take.
};

/// Whose calls are watched. Everything is called on threads of the monitor's, while the call waits
/// for it if it returns; but for Interrupt one at a time.
class CallOwner {
 public:
  virtual ~CallOwner() = default;
  /// The call has taken longer than it may: it is going to be interrupted.
  virtual void Overdue(const RunningCall& call) noexcept = 0;
  /// Asks the plugin to return from the call; may take its time.
  virtual void Interrupt(const RunningCall& call) noexcept = 0;
  /// Nor has it returned since: its thread will never be heard of again. `grace` was the time it
  /// had for that.
  virtual void Abandoned(const RunningCall& call, std::chrono::microseconds grace) noexcept = 0;
};

class CallMonitor;

/// The call that one instance is in. Begin and End from the instance's thread, the rest from any.
class CallWatch {
 public:
  /// `owner` must outlive this, and where it was abandoned, the process. `monitor` may be null:
  /// then nothing is watched.
  CallWatch(std::shared_ptr<CallMonitor> monitor, CallOwner& owner);
  ~CallWatch();
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

  /// `at` is now, as CoarseNow has it.
  void Begin(const RunningCall& call, Condition::TimePoint at = CoarseNow()) noexcept;
  /// True for a call that was interrupted. Where it was abandoned this never returns: the thread
  /// sleeps as long as the process lives.
  bool End() noexcept;

  /// Interrupts the call at hand although its time is not over.
  void Hurry() noexcept;
  /// The call at hand and those to come never end. False: that was so already.
  bool Abandon() noexcept;

 private:
  friend class CallMonitor;
  static constexpr int64_t kIdle = 0;

  /// What is loaded behind this is loaded after the store, as far as those can tell who call Fence
  /// between a store and a load of theirs: the monitor, and Hurry.
  void Store(int64_t deadline) noexcept;

  const std::shared_ptr<CallMonitor> monitor_;
  CallOwner& owner_;
  RunningCall call_;  ///< Written before `deadline_` is, read only by who holds the call.
  std::atomic<int64_t> deadline_ = kIdle;  ///< Steady nanoseconds.
  /// The monitor is asked before the call at hand ends, or another begins: it sees to the call, or
  /// has just found that there is none. Set under its mutex.
  std::atomic<bool> held_ = false;
  bool abandoned_ = false;  ///< Under the monitor's mutex.
};

/// Sees to it that no call into a plugin takes for ever: one that overruns its time is told to its
/// owner and interrupted; one that still goes on after a grace is abandoned. One thread, which
/// sleeps until the first deadline there is: a call in time costs two stores, as the fences between
/// those and what is loaded behind them are left to the monitor.
///
/// Owned by shared_ptr. Thread-safe.
class CallMonitor : public std::enable_shared_from_this<CallMonitor> {
 public:
  using TimePoint = Condition::TimePoint;

  static constexpr std::chrono::seconds kGrace{2};

  /// `grace`: how long a call that was interrupted may still go on. Without a fence that works each
  /// call costs two of its own.
  explicit CallMonitor(std::chrono::microseconds grace = kGrace,
                       ProcessFence fence = ProcessFence())
      : grace_(grace), fence_(fence) {}
  ~CallMonitor();
  CallMonitor(const CallMonitor&) = delete;
  CallMonitor& operator=(const CallMonitor&) = delete;

  /// Starts the thread; without it only Check does anything.
  void Start();
  /// Ends the thread. What is overdue then stays so.
  void Stop();

  /// Does what is due at `now`; answers when there is something to do next. For the thread, and
  /// for tests without it.
  TimePoint Check(TimePoint now);

 private:
  friend class CallWatch;

  /// A call that has overrun its time, or was hurried.
  struct Taken {
    CallWatch* watch = nullptr;
    RunningCall call;
    TimePoint overdue_at;
    TimePoint give_up_at = TimePoint::max();
    bool announced = false;
    bool interrupting = false;
    bool telling = false;  ///< The owner is being told something.
  };
  enum class Telling { kOverdue, kAbandoned };
  struct Action {
    Taken* taken;  ///< Stays while it is `telling`.
    Telling what;
  };

  void Add(CallWatch& watch);
  void Remove(CallWatch& watch);
  void Wake(int64_t deadline) noexcept;
  void Admit(CallWatch& watch) noexcept;
  bool Settle(CallWatch& watch) noexcept;
  void Hurry(CallWatch& watch) noexcept;
  bool Abandon(CallWatch& watch) noexcept;

  void Run();
  TimePoint TakeOverdue(TimePoint now) USHER_REQUIRES(mutex_);
  std::vector<Action> Decide(TimePoint now, TimePoint& next) USHER_REQUIRES(mutex_);
  void Tell(const std::vector<Action>& actions) USHER_EXCLUDES(mutex_);
  void Interrupt(Taken& taken) USHER_REQUIRES(mutex_);
  Taken* Find(const CallWatch& watch) USHER_REQUIRES(mutex_);
  bool Take(CallWatch& watch, int64_t now) USHER_REQUIRES(mutex_);

  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  const std::chrono::microseconds grace_;
  const ProcessFence fence_;
  std::atomic<int64_t> wakes_at_ = kNever;  ///< When the thread looks next, at the latest.
  std::thread thread_;                      ///< Of who starts and stops.

  Mutex mutex_;
  Condition changed_;
  std::vector<CallWatch*> watches_ USHER_GUARDED_BY(mutex_);
  std::list<Taken> taken_ USHER_GUARDED_BY(mutex_);
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
};

}  // namespace broker
