// usher/testing/host_class.hpp: the class FakeHost; usher/testing/fake_host.hpp has its functions,
// too.
#ifndef USHER_TESTING_HOST_CLASS_HPP
#define USHER_TESTING_HOST_CLASS_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "usher/ext/log.h"
#include "usher/ext/session.h"
#include "usher/ext/timer.h"
#include "usher/plugin.h"
#include "usher/testing/data.hpp"
#include "usher/testing/launch_data.hpp"
#include "usher/testing/run_data.hpp"

namespace usher {
namespace testing {

class Driver;
namespace detail {
struct HostEntry;
struct HostFunctions;
struct ConfigFunctions;
struct EmitFunctions;
struct LaunchFunctions;
struct RunFunctions;
struct SessionFunctions;
struct StorageFunctions;
struct TimerFunctions;
}  // namespace detail

/// How an event ended that was answered with USHER_PENDING.
struct Completed {
  uint64_t seq = 0;
  usher_status status = USHER_OK;
  std::string text;

  friend bool operator==(const Completed& left, const Completed& right) {
    return left.seq == right.seq && left.status == right.status && left.text == right.text;
  }
};

/// An event of the plugin's own.
struct Emitted {
  std::string type;
  std::vector<std::pair<std::string, std::string>> details;
  uint64_t cause = 0;  ///< 0 = no event was at hand.
};

/// Something that was to be done to a session.
struct RequestedAction {
  usher_session_action action = USHER_SESSION_LOCK;
  std::string session_id;
  uint64_t cause = 0;  ///< 0 = no event was at hand.

  friend bool operator==(const RequestedAction& left, const RequestedAction& right) {
    return left.action == right.action && left.session_id == right.session_id &&
           left.cause == right.cause;
  }
};

/// The broker. Give it a configuration, sessions, a store; let a Driver take a plugin through its
/// life; then ask what came of it. It answers as the broker does, limits included, and keeps
/// account of what the plugin may not do (Violations).
///
/// Functions and members are for the test's thread; what the plugin calls from others is safe.
class FakeHost {
 public:
  using Strings = std::vector<std::string>;
  using Value = std::variant<std::string, int64_t, double, bool, Strings>;
  using LogLine = std::pair<usher_log_severity, std::string>;

  FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // What the plugin finds.

  /// The instance's own table, by dotted keys; Configure puts a value into it.
  std::map<std::string, Value> config;
  /// What usher.storage/1 keeps. Hand it on to another FakeHost to play a restart.
  std::map<std::string, std::string> storage;
  /// The sessions of a snapshot, and those that usher.sessions/1 shows.
  std::vector<SessionData> sessions;
  /// Ids of extensions that there are not, as of those that are denied.
  std::set<std::string> missing_extensions;
  /// What should_stop() answers.
  std::atomic<bool> should_stop{false};

  /// A text, a whole number, a number, true or false, or texts.
  template <class T>
  void Configure(const std::string& key, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      config[key] = value;
    } else if constexpr (std::is_integral_v<T>) {
      config[key] = static_cast<int64_t>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      config[key] = static_cast<double>(value);
    } else if constexpr (std::is_same_v<T, Strings>) {
      config[key] = value;
    } else {
      config[key] = std::string(value);
    }
  }
  void Configure(const std::string& key, std::initializer_list<const char*> values) {
    config[key] = Strings(values.begin(), values.end());
  }

  /// From now on every call of `what` fails so: "subscribe", "complete", "sessions", "storage",
  /// "timer", "run", "launch", "session" or "emit". USHER_OK lets them work again.
  void Fail(const std::string& what, usher_status status, const std::string& text = "") {
    const std::lock_guard<std::mutex> lock(mutex_);
    failures_[what] = {status, text};
  }

  // What the plugin did.

  [[nodiscard]] std::vector<LogLine> Logs() const { return Copy(logs_); }
  /// Whether a line of the log contains `text`.
  [[nodiscard]] bool Said(std::string_view text) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::any_of(logs_.begin(), logs_.end(), [text](const LogLine& line) {
      return line.second.find(text) != std::string::npos;
    });
  }
  /// The types it subscribed to; empty if it did not.
  [[nodiscard]] std::vector<std::string> Subscribed() const { return Copy(subscribed_); }
  [[nodiscard]] std::vector<Emitted> Emissions() const { return Copy(emitted_); }
  /// Events that were left open and have ended, in the order they ended.
  [[nodiscard]] std::vector<Completed> Completions() const { return Copy(completions_); }
  /// The numbers of those that are open still.
  [[nodiscard]] std::set<uint64_t> Open() const { return Copy(open_); }
  /// Waits until an event that was left open has ended; nothing after `timeout`.
  [[nodiscard]] std::optional<Completed> WaitForEnd(
      uint64_t seq, std::chrono::milliseconds timeout = std::chrono::seconds(10)) const {
    std::unique_lock<std::mutex> lock(mutex_);
    std::optional<Completed> found;
    ended_.wait_for(lock, timeout, [&] { return (found = FindCompleted(seq)).has_value(); });
    return found;
  }
  /// How many timers are waiting.
  [[nodiscard]] size_t Timers() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return timers_.size();
  }
  /// The programs that are to run and have not ended, in the order they were started;
  /// Driver::EndRun ends one.
  [[nodiscard]] std::vector<StartedRun> Runs() const { return Copy(runs_); }
  /// Those that the plugin has cancelled.
  [[nodiscard]] std::vector<usher_run> CancelledRuns() const { return Copy(cancelled_runs_); }
  /// The agents that were to be launched and have not ended, in the order they were;
  /// Driver::TellLaunch says what becomes of one.
  [[nodiscard]] std::vector<StartedLaunch> Launches() const { return Copy(launches_); }
  /// Those that the plugin let go.
  [[nodiscard]] std::vector<StartedLaunch> ReleasedLaunches() const { return Copy(released_); }
  /// How often the plugin has said that all it wants is asked for.
  [[nodiscard]] int Settled() const { return Copy(settled_); }
  /// How agents are, all that the plugin has said of them, in that order.
  [[nodiscard]] std::vector<DescribedAgent> Described() const { return Copy(described_); }
  /// What was said last of one.
  [[nodiscard]] std::optional<DescribedAgent> Described(std::string_view agent,
                                                        std::string_view session_id) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found =
        std::find_if(described_.rbegin(), described_.rend(), [&](const DescribedAgent& other) {
          return other.agent == agent && other.session_id == session_id;
        });
    return found == described_.rend() ? std::nullopt : std::optional<DescribedAgent>(*found);
  }
  /// What was to be done to sessions, in that order. Nothing is: a test that wants it done delivers
  /// what the system says of it, EventType::kSessionLocked for one.
  [[nodiscard]] std::vector<RequestedAction> RequestedActions() const { return Copy(requested_); }
  /// Against the configuration: "KEY: TEXT", as config_error() was told.
  [[nodiscard]] std::vector<std::string> ConfigErrors() const { return Copy(config_errors_); }
  /// What the interface forbids and the plugin did nevertheless, in sentences.
  [[nodiscard]] std::vector<std::string> Violations() const { return Copy(violations_); }
  /// How many host functions were called.
  [[nodiscard]] int Calls() const noexcept { return calls_; }

  // The clock.

  [[nodiscard]] int64_t realtime_us() const noexcept { return kBeginUs + monotonic_us_; }
  [[nodiscard]] int64_t monotonic_us() const noexcept { return monotonic_us_; }

  /// To be handed to a plugin, or to usher::Host. Owned by this.
  [[nodiscard]] const usher_host* raw() const noexcept { return &host_; }

 private:
  friend class Driver;
  friend struct detail::HostEntry;
  friend struct detail::HostFunctions;
  friend struct detail::ConfigFunctions;
  friend struct detail::EmitFunctions;
  friend struct detail::LaunchFunctions;
  friend struct detail::RunFunctions;
  friend struct detail::SessionFunctions;
  friend struct detail::StorageFunctions;
  friend struct detail::TimerFunctions;

  /// Where the instance stands.
  enum class Phase { kNone, kCheck, kCreate, kInit, kActive, kStopping, kStopped, kDestroyed };
  struct Failure {
    usher_status status = USHER_OK;
    std::string text;
  };
  struct Timer {
    usher_timer id = 0;
    int64_t due_us = 0;
    int64_t period_us = 0;
    usher_timer_callback callback = nullptr;
    void* context = nullptr;
    uint64_t cause = 0;
  };
  struct RunCallback {
    usher_run_callback callback = nullptr;
    void* context = nullptr;
  };
  struct LaunchCallback {
    usher_launch_callback callback = nullptr;
    void* context = nullptr;
  };
  /// Of one type of the plugin's events.
  struct Minute {
    int64_t begin_us = 0;
    uint32_t count = 0;
  };

  template <class T>
  [[nodiscard]] T Copy(const T& value) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return value;
  }
  [[nodiscard]] std::optional<Completed> FindCompleted(uint64_t seq) const {
    for (const Completed& completed : completions_) {
      if (completed.seq == seq) return completed;
    }
    return std::nullopt;
  }
  /// Whether the descriptor lets the plugin have this type.
  [[nodiscard]] bool Allows(const std::string& type) const {
    return !bound_ || std::find(bound_->begin(), bound_->end(), type) != bound_->end();
  }
  /// Whether it is to be delivered.
  [[nodiscard]] bool Wants(const std::string& type) const {
    const Strings subscribed = Subscribed();
    return subscribed.empty()
               ? Allows(type)
               : std::find(subscribed.begin(), subscribed.end(), type) != subscribed.end();
  }

  void SetAtHand(uint64_t seq) {
    const std::lock_guard<std::mutex> lock(mutex_);
    at_hand_ = seq;
  }
  /// An event is handed over: from now on it can be completed.
  void Begin(const usher_event& event) {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.insert(event.seq);
    at_hand_ = event.seq;
    const usher_session* const session = event.session != nullptr ? event.session : event.before;
    session_at_hand_ = session == nullptr ? "" : session->id;
  }
  /// It was answered. What was completed but not left open has not been completed.
  void End(uint64_t seq, bool left_open) {
    const std::lock_guard<std::mutex> lock(mutex_);
    at_hand_ = 0;
    session_at_hand_.clear();
    if (left_open) return;
    open_.erase(seq);
    completions_.erase(
        std::remove_if(completions_.begin(), completions_.end(),
                       [seq](const Completed& completed) { return completed.seq == seq; }),
        completions_.end());
  }

  /// The first timer that is due until `end_us`; a periodic one stays for its next time.
  [[nodiscard]] std::optional<Timer> TakeDue(int64_t end_us) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto first =
        std::min_element(timers_.begin(), timers_.end(), [](const Timer& a, const Timer& b) {
          return a.due_us != b.due_us ? a.due_us < b.due_us : a.id < b.id;
        });
    if (first == timers_.end() || first->due_us > end_us) return std::nullopt;
    const Timer timer = *first;
    if (timer.period_us == 0) {
      timers_.erase(first);
    } else {
      first->due_us += timer.period_us;
    }
    return timer;
  }

  /// Takes a run that is to end.
  [[nodiscard]] std::optional<std::pair<StartedRun, RunCallback>> TakeRun(usher_run run) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = std::find_if(runs_.begin(), runs_.end(),
                                    [run](const StartedRun& other) { return other.run == run; });
    if (found == runs_.end()) return std::nullopt;
    auto taken = std::make_pair(*found, run_callbacks_[run]);
    runs_.erase(found);
    run_callbacks_.erase(run);
    return taken;
  }

  /// Takes one that has ended, or that the plugin has let go.
  [[nodiscard]] std::optional<std::pair<StartedLaunch, LaunchCallback>> TakeLaunch(
      usher_launch launch, bool released) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found =
        std::find_if(launches_.begin(), launches_.end(),
                     [launch](const StartedLaunch& other) { return other.launch == launch; });
    if (found == launches_.end()) return std::nullopt;
    auto taken = std::make_pair(*found, launch_callbacks_[launch]);
    if (released) released_.push_back(*found);
    launches_.erase(found);
    launch_callbacks_.erase(launch);
    return taken;
  }
  /// Notes that it has started.
  [[nodiscard]] std::optional<std::pair<StartedLaunch, LaunchCallback>> MarkStarted(
      usher_launch launch) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (StartedLaunch& started : launches_) {
      if (started.launch != launch) continue;
      started.started = true;
      return std::make_pair(started, launch_callbacks_[launch]);
    }
    return std::nullopt;
  }

  void Violate(const std::string& what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (std::find(violations_.begin(), violations_.end(), what) == violations_.end()) {
      violations_.push_back(what);
    }
  }

  usher_host host_{};
  std::atomic<int> calls_{0};
  std::atomic<Phase> phase_{Phase::kNone};
  std::atomic<std::thread::id> plugin_thread_{};  ///< During a call into a plugin.
  std::atomic<int64_t> monotonic_us_{1'000'000};

  // The plugin's thread only.
  std::string plugin_id_;
  std::optional<Strings> bound_;  ///< The types that the descriptor names, if it names some.
  std::set<std::string> asked_;   ///< Configuration keys.
  uint64_t as_of_seq_ = 0;        ///< The last event there was.
  usher_timer last_timer_ = 0;
  usher_run last_run_ = 0;
  usher_launch last_launch_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::map<std::string, Failure> failures_;
  uint64_t at_hand_ = 0;
  std::string session_at_hand_;
  std::map<std::string, Minute> minutes_;  ///< By the type of the plugin's events.
  std::vector<LogLine> logs_;
  std::vector<std::string> subscribed_;
  std::vector<Emitted> emitted_;
  std::vector<Completed> completions_;
  std::set<uint64_t> open_;
  std::vector<Timer> timers_;
  std::vector<StartedRun> runs_;
  std::map<usher_run, RunCallback> run_callbacks_;
  std::vector<usher_run> cancelled_runs_;
  std::vector<StartedLaunch> launches_;
  std::map<usher_launch, LaunchCallback> launch_callbacks_;
  std::vector<StartedLaunch> released_;
  int settled_ = 0;
  std::vector<DescribedAgent> described_;
  std::vector<RequestedAction> requested_;
  std::vector<std::string> config_errors_;
  std::vector<std::string> violations_;
};

}  // namespace testing
}  // namespace usher

#endif
