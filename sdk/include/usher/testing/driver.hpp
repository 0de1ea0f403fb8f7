// usher/testing/driver.hpp: one instance of a plugin, taken through its life as the broker does.
#ifndef USHER_TESTING_DRIVER_HPP
#define USHER_TESTING_DRIVER_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "usher/cpp/error.hpp"
#include "usher/plugin.h"
#include "usher/testing/data.hpp"
#include "usher/testing/fake_host.hpp"
#include "usher/testing/launch_data.hpp"

namespace usher {
namespace testing {

/// What came of a call into a plugin: true for what is no failure, USHER_PENDING and USHER_RETRY
/// included.
struct CallResult {
  usher_status status = USHER_OK;
  std::string text;  ///< Why it failed.

  explicit operator bool() const noexcept { return status >= 0; }
};

/// One instance of a plugin, made with the Driver and destroyed with it; calls go through the C
/// interface, on the thread that calls this. Start does what the broker does before the first
/// event; the single steps are there for tests that want them in another way.
class Driver {
 public:
  /// `host` must outlive this. `entry` is the one that the plugin's sources define with
  /// USHER_PLUGIN, if they are part of the program. One Driver a host at a time.
  explicit Driver(FakeHost& host, const usher_plugin_entry_t& entry = usher_plugin_entry)
      : host_(host), entry_(entry) {
    const usher_plugin_descriptor& descriptor = *entry.descriptor;
    host_.plugin_id_ = descriptor.id;
    host_.bound_.reset();
    if (descriptor.event_type_count != 0) {
      host_.bound_.emplace(descriptor.event_types,
                           descriptor.event_types + descriptor.event_type_count);
    }
    host_.asked_.clear();
    Create();
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  /// Destroys the instance; without Stop before, as after a crash of the broker.
  ~Driver() {
    if (plugin_ == nullptr) return;
    host_.phase_ = FakeHost::Phase::kStopped;
    DropAll();
    During([this] { plugin_->destroy(plugin_); });
    host_.phase_ = FakeHost::Phase::kDestroyed;
  }

  /// Whether create() made an instance; if not, `create_error` says why.
  [[nodiscard]] bool created() const noexcept { return plugin_ != nullptr; }
  [[nodiscard]] const std::string& create_error() const noexcept { return create_error_; }

  /// The check of the configuration, init, the check for keys that nobody asked for, and the
  /// snapshot. Fails where the broker would refuse the instance.
  CallResult Start() {
    if (plugin_ == nullptr) return {USHER_ERROR, create_error_};
    CallResult result = CheckExtensions();
    if (result) result = CheckConfig();
    if (result) result = Init();
    if (result) result = Snapshot();
    return result;
  }

  /// check_config, where the plugin has one, and what it left unread.
  CallResult CheckConfig() {
    const usher_plugin_descriptor& descriptor = *entry_.descriptor;
    if (!HasConfigCheck(descriptor)) return {};
    host_.asked_.clear();
    host_.phase_ = FakeHost::Phase::kCheck;
    const CallResult result =
        Call([&](usher_error* error) { return descriptor.check_config(host_.raw(), error); });
    host_.phase_ = FakeHost::Phase::kInit;
    return result ? CheckConfiguration(true) : result;
  }

  CallResult Init() {
    host_.phase_ = FakeHost::Phase::kInit;
    const CallResult result =
        Call([this](usher_error* error) { return plugin_->init(plugin_, error); });
    if (!result) return result;
    const CallResult config = CheckConfiguration(!HasConfigCheck(*entry_.descriptor));
    if (config) host_.phase_ = FakeHost::Phase::kActive;
    return config;
  }

  /// The host's sessions.
  CallResult Snapshot(SnapshotReason reason = SnapshotReason::kActivated) {
    const RawSnapshot snapshot(host_.sessions, host_.as_of_seq_, reason, host_.realtime_us());
    return Snapshot(snapshot.raw());
  }
  CallResult Snapshot(const usher_snapshot& snapshot) {
    if (plugin_->on_snapshot == nullptr) return {};
    host_.as_of_seq_ = snapshot.as_of_seq;
    return Call(
        [&](usher_error* error) { return plugin_->on_snapshot(plugin_, &snapshot, error); });
  }

  /// One event, if the plugin wants its type; else nothing happens and the answer is USHER_OK. One
  /// that is answered with USHER_PENDING is open until complete() ends it: see
  /// FakeHost::Completions. One answered with USHER_RETRY may be delivered again, with its seq.
  CallResult Deliver(EventData event) {
    if (event.seq == 0) event.seq = host_.as_of_seq_ + 1;
    if (event.realtime_us == 0) event.realtime_us = host_.realtime_us();
    if (event.monotonic_us == 0) event.monotonic_us = host_.monotonic_us();
    const RawEvent raw(std::move(event));
    return Deliver(raw.raw());
  }
  CallResult Deliver(const usher_event& event) {
    host_.as_of_seq_ = std::max(host_.as_of_seq_, event.seq);
    if (plugin_->on_event == nullptr || !host_.Wants(event.type_name)) return {};
    host_.Begin(event);
    const CallResult result =
        Call([&](usher_error* error) { return plugin_->on_event(plugin_, &event, error); });
    host_.End(event.seq, result.status == USHER_PENDING);
    return result;
  }

  /// Lets time pass while nobody is called, as where the machine is busy: timers that are due
  /// meanwhile are late, and called by the next Advance.
  void Stall(std::chrono::microseconds duration) { host_.monotonic_us_ += duration.count(); }

  /// Lets time pass; calls the timers that are due meanwhile, each at its time. Answers the first
  /// failure of one; all are called.
  CallResult Advance(std::chrono::microseconds duration) {
    const int64_t end_us = host_.monotonic_us_ + duration.count();
    CallResult result;
    while (const std::optional<FakeHost::Timer> timer = host_.TakeDue(end_us)) {
      const CallResult called = CallTimer(*timer);
      if (result && !called) result = called;
    }
    host_.monotonic_us_ = end_us;
    return result;
  }

  /// A program that the plugin runs ends; it is told. USHER_NOT_FOUND: there is no such run.
  CallResult EndRun(usher_run run, const RunOutcome& outcome = {}) {
    const auto taken = host_.TakeRun(run);
    if (!taken) return {USHER_NOT_FOUND, "there is no such run"};
    usher_run_result result{};
    result.size = sizeof result;
    result.end = outcome.end;
    result.code = outcome.code;
    result.stage = outcome.stage.c_str();
    result.call = outcome.call.c_str();
    result.meaning = outcome.meaning.c_str();
    result.output = outcome.output.c_str();
    result.output_size = outcome.output.size();
    result.output_dropped = outcome.output_dropped;
    result.duration_us = outcome.duration_us;
    host_.SetAtHand(taken->first.cause);
    const CallResult called = Call([&](usher_error* error) {
      return taken->second.callback(taken->second.context, run, &result, error);
    });
    host_.SetAtHand(0);
    return called;
  }

  /// The plugin is told what becomes of an agent that it has launched; all but USHER_LAUNCH_STARTED
  /// is its end. USHER_NOT_FOUND: there is no such launch.
  CallResult TellLaunch(usher_launch launch, const LaunchOutcome& outcome = {}) {
    const bool starts = outcome.change == USHER_LAUNCH_STARTED;
    const auto told = starts ? host_.MarkStarted(launch) : host_.TakeLaunch(launch, false);
    if (!told) return {USHER_NOT_FOUND, "there is no such launch"};
    usher_launch_news news{};
    news.size = sizeof news;
    news.change = outcome.change;
    news.code = outcome.code;
    news.adopted = outcome.adopted ? 1 : 0;
    news.pid = outcome.pid;
    news.duration_us = outcome.duration_us;
    news.stage = outcome.stage.c_str();
    news.call = outcome.call.c_str();
    news.meaning = outcome.meaning.c_str();
    news.advice = outcome.advice.c_str();
    news.remedy = outcome.remedy;
    news.until = outcome.until;
    host_.SetAtHand(told->first.cause);
    const CallResult called = Call([&](usher_error* error) {
      return told->second.callback(told->second.context, launch, &news, error);
    });
    host_.SetAtHand(0);
    return called;
  }

  /// stop. What comes after it is destroy, with the end of this.
  void Stop() {
    host_.phase_ = FakeHost::Phase::kStopping;
    DropAll();
    if (plugin_->stop != nullptr) During([this] { plugin_->stop(plugin_); });
    host_.phase_ = FakeHost::Phase::kStopped;
  }

  /// Call it from another thread, while a call runs.
  void Interrupt() {
    const bool known = plugin_->size >= offsetof(usher_plugin, interrupt) + sizeof(void*);
    if (known && plugin_->interrupt != nullptr) plugin_->interrupt(plugin_);
  }

 private:
  static bool HasConfigCheck(const usher_plugin_descriptor& descriptor) {
    return descriptor.size >= offsetof(usher_plugin_descriptor, check_config) + sizeof(void*) &&
           descriptor.check_config != nullptr;
  }

  /// Makes the calling thread the plugin's during `function`.
  template <class Function>
  void During(Function&& function) {
    host_.plugin_thread_ = std::this_thread::get_id();
    function();
    host_.plugin_thread_ = std::thread::id();
  }

  template <class Function>
  CallResult Call(Function&& function) {
    usher_error error = usher::detail::EmptyError();
    usher_status status = USHER_OK;
    During([&] { status = function(&error); });
    return {status, error.text};
  }

  void Create() {
    host_.phase_ = FakeHost::Phase::kCreate;
    const CallResult result = Call([this](usher_error* error) {
      plugin_ = entry_.create(host_.raw(), error);
      return plugin_ == nullptr ? USHER_ERROR : USHER_OK;
    });
    create_error_ = result.text;
    host_.phase_ = FakeHost::Phase::kInit;
  }

  CallResult CheckExtensions() const {
    const usher_plugin_descriptor& descriptor = *entry_.descriptor;
    for (uint32_t i = 0; i < descriptor.required_extension_count; ++i) {
      const std::string id = descriptor.required_extensions[i];
      if (host_.raw()->get_extension(host_.raw(), id.c_str()) != nullptr) continue;
      return {USHER_NOT_PERMITTED, "the plugin requires the extension " + id};
    }
    return {};
  }

  [[nodiscard]] CallResult CheckConfiguration(bool all_read) const {
    const std::vector<std::string> errors = host_.ConfigErrors();
    if (!errors.empty()) return {USHER_INVALID_ARGUMENT, errors.front()};
    for (const auto& [key, value] : host_.config) {
      if (!all_read || host_.asked_.count(key) != 0) continue;
      return {USHER_INVALID_ARGUMENT, key + ": the plugin knows no such key"};
    }
    return {};
  }

  CallResult CallTimer(const FakeHost::Timer& timer) {
    host_.monotonic_us_ = std::max(host_.monotonic_us(), timer.due_us);
    host_.SetAtHand(timer.cause);
    const CallResult result = Call(
        [&timer](usher_error* error) { return timer.callback(timer.context, timer.id, error); });
    host_.SetAtHand(0);
    return result;
  }

  /// What an instance has to do with ends with it.
  void DropAll() {
    const std::lock_guard<std::mutex> lock(host_.mutex_);
    host_.timers_.clear();
    for (const StartedRun& run : host_.runs_) host_.cancelled_runs_.push_back(run.run);
    host_.runs_.clear();
    host_.run_callbacks_.clear();
    host_.released_.insert(host_.released_.end(), host_.launches_.begin(), host_.launches_.end());
    host_.launches_.clear();
    host_.launch_callbacks_.clear();
  }

  FakeHost& host_;
  const usher_plugin_entry_t& entry_;
  const usher_plugin* plugin_ = nullptr;
  std::string create_error_;
};

}  // namespace testing
}  // namespace usher

#endif
