// usher/testing/host_functions.hpp: the C functions behind a FakeHost.
#ifndef USHER_TESTING_HOST_FUNCTIONS_HPP
#define USHER_TESTING_HOST_FUNCTIONS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "usher/cpp/error.hpp"
#include "usher/ext/config.h"
#include "usher/ext/emit.h"
#include "usher/ext/log.h"
#include "usher/ext/run.h"
#include "usher/ext/sessions.h"
#include "usher/ext/storage.h"
#include "usher/ext/thread_check.h"
#include "usher/ext/timer.h"
#include "usher/testing/fake_host.hpp"

namespace usher {
namespace testing {
namespace detail {

struct HostFunctions {
  using Phase = FakeHost::Phase;

  static FakeHost& Of(const usher_host* host) {
    auto& self = *static_cast<FakeHost*>(host->host_data);
    ++self.calls_;
    return self;
  }

  static usher_status Refuse(usher_error* error, usher_status status, const std::string& text) {
    if (error != nullptr) usher::detail::WriteText(error, text);
    return status;
  }

  /// What a call of `function` meets before it does anything: USHER_OK, or why it does nothing.
  /// `what` is what FakeHost::Fail knows it by.
  static usher_status Enter(FakeHost& self, const char* function, const char* what = "",
                            usher_error* error = nullptr) {
    const Phase phase = self.phase_;
    if (phase == Phase::kCreate) {
      self.Violate(std::string("called ") + function + "() in create(), before init()");
    }
    if (phase == Phase::kDestroyed) {
      self.Violate(std::string("called ") + function + "() after destroy() had returned");
    }
    if (phase >= Phase::kStopped) return USHER_STOPPED;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    const auto failure = self.failures_.find(what);
    if (failure == self.failures_.end()) return USHER_OK;
    return Refuse(error, failure->second.status, failure->second.text);
  }

  /// The same for a function of the tag [plugin-thread].
  static usher_status EnterOnThread(FakeHost& self, const char* function, const char* what = "",
                                    usher_error* error = nullptr) {
    const bool there = self.plugin_thread_.load() == std::this_thread::get_id();
    if (there || self.phase_ == Phase::kNone) return Enter(self, function, what, error);
    self.Violate(std::string("called ") + function +
                 "(), which is [plugin-thread], from another thread or outside of a call");
    return self.phase_ >= Phase::kStopped ? USHER_STOPPED : USHER_INVALID_ARGUMENT;
  }

  /// The same where a check of the configuration may not call it.
  static usher_status EnterInstance(FakeHost& self, const char* function, const char* what,
                                    usher_error* error = nullptr) {
    if (self.phase_ != Phase::kCheck) return EnterOnThread(self, function, what, error);
    self.Violate(std::string("called ") + function + "() in check_config(), which must be pure");
    return USHER_INVALID_ARGUMENT;
  }

  // The configuration.

  template <class T>
  static usher_status Find(const usher_host* host, const char* key, const T*& value) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "config");
    if (entered != USHER_OK) return entered;
    if (key == nullptr) return USHER_INVALID_ARGUMENT;
    self.asked_.insert(key);
    const auto found = self.config.find(key);
    if (found == self.config.end()) return USHER_NOT_FOUND;
    value = std::get_if<T>(&found->second);
    return value == nullptr ? USHER_WRONG_TYPE : USHER_OK;
  }

  template <class T, class Raw>
  static usher_status GetPlain(const usher_host* host, const char* key, Raw* out) {
    const T* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = static_cast<Raw>(*value);
    return status;
  }

  static usher_status GetString(const usher_host* host, const char* key, const char** out) {
    const std::string* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = value->c_str();
    return status;
  }

  /// An integer is a number, too.
  static usher_status GetNumber(const usher_host* host, const char* key, double* out) {
    const usher_status status = GetPlain<double>(host, key, out);
    return status == USHER_WRONG_TYPE ? GetPlain<int64_t>(host, key, out) : status;
  }

  static usher_status GetCount(const usher_host* host, const char* key, uint32_t* out) {
    const FakeHost::Strings* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = static_cast<uint32_t>(value->size());
    return status;
  }

  /// Keys of tables in an array have an index in them: "hook.0.program".
  static usher_status GetTableCount(const usher_host* host, const char* key, uint32_t* out) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "config");
    if (entered != USHER_OK) return entered;
    if (key == nullptr) return USHER_INVALID_ARGUMENT;
    self.asked_.insert(key);
    if (self.config.count(key) != 0) return USHER_WRONG_TYPE;
    uint32_t count = 0;
    const auto is_there = [&](uint32_t index) {
      const std::string prefix = std::string(key) + "." + std::to_string(index) + ".";
      const auto first = self.config.lower_bound(prefix);
      return first != self.config.end() && first->first.compare(0, prefix.size(), prefix) == 0;
    };
    while (is_there(count)) ++count;
    if (count == 0) return USHER_NOT_FOUND;
    *out = count;
    return USHER_OK;
  }

  static usher_status GetStringAt(const usher_host* host, const char* key, uint32_t index,
                                  const char** out) {
    const FakeHost::Strings* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status != USHER_OK) return status;
    if (index >= value->size()) return USHER_NOT_FOUND;
    *out = (*value)[index].c_str();
    return USHER_OK;
  }

  static usher_status ConfigError(const usher_host* host, const char* key, const char* text) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "config_error");
    if (entered != USHER_OK) return entered;
    if (key == nullptr || text == nullptr || self.phase_ > Phase::kInit) {
      return USHER_INVALID_ARGUMENT;
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.config_errors_.push_back(std::string(key) + ": " + text);
    return USHER_OK;
  }

  // The log, the sessions.

  static void Log(const usher_host* host, usher_log_severity severity, const char* text) {
    FakeHost& self = Of(host);
    const bool heard = Enter(self, "log") == USHER_OK || self.phase_ == Phase::kStopped;
    if (!heard || text == nullptr) return;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.logs_.emplace_back(severity, text);
  }

  static usher_status Visit(const usher_host* host, void (*callback)(void*, const usher_snapshot*),
                            void* context) {
    FakeHost& self = Of(host);
    const usher_status entered = Enter(self, "visit", "sessions");
    if (entered != USHER_OK) return entered;
    if (callback == nullptr || self.phase_ == Phase::kCheck) return USHER_INVALID_ARGUMENT;
    const RawSnapshot snapshot(self.sessions, self.as_of_seq_, SnapshotReason::kActivated,
                               self.realtime_us());
    callback(context, &snapshot.raw());
    return USHER_OK;
  }

  // The storage.

  static usher_status BadKey(usher_error* error) {
    return Refuse(error, USHER_INVALID_ARGUMENT,
                  "a key of the storage has 1 to 64 characters of a-z, 0-9, '.', '_' and '-', and "
                  "does not begin with a dot");
  }

  static bool IsKey(const char* key) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    const std::string_view text = key == nullptr ? "" : key;
    return !text.empty() && text.size() <= USHER_STORAGE_MAX_KEY && text.front() != '.' &&
           text.find_first_not_of(kAllowed) == std::string_view::npos;
  }

  static usher_status Put(const usher_host* host, const char* key, const void* value, size_t length,
                          usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "put", "storage", error);
    if (entered != USHER_OK) return entered;
    if (!IsKey(key)) return BadKey(error);
    if (length > USHER_STORAGE_MAX_VALUE) {
      return Refuse(error, USHER_LIMIT, "a value of more than 1048576 bytes is too large");
    }
    if (self.storage.count(key) == 0 && self.storage.size() >= USHER_STORAGE_MAX_KEYS) {
      return Refuse(error, USHER_LIMIT, "there are 256 values already; remove one first");
    }
    self.storage[key] = std::string(static_cast<const char*>(value), length);
    return USHER_OK;
  }

  static usher_status Get(const usher_host* host, const char* key, void* buffer, size_t* length,
                          usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "get", "storage", error);
    if (entered != USHER_OK) return entered;
    if (!IsKey(key)) return BadKey(error);
    const auto found = self.storage.find(key);
    if (found == self.storage.end()) return Refuse(error, USHER_NOT_FOUND, "there is no such key");
    const bool fits = found->second.size() <= *length;
    *length = found->second.size();
    if (!fits) return Refuse(error, USHER_TOO_SMALL, "the buffer is too small");
    if (*length != 0) std::memcpy(buffer, found->second.data(), *length);
    return USHER_OK;
  }

  static usher_status Remove(const usher_host* host, const char* key, usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "remove", "storage", error);
    if (entered != USHER_OK) return entered;
    if (!IsKey(key)) return BadKey(error);
    self.storage.erase(key);
    return USHER_OK;
  }

  // Timers.

  static usher_status StartTimer(const usher_host* host, int64_t delay_us, int64_t period_us,
                                 usher_timer_callback callback, void* context, usher_timer* timer,
                                 usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "start", "timer", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kStopping) return USHER_STOPPED;
    const bool valid = callback != nullptr && timer != nullptr && delay_us >= 0 &&
                       delay_us <= USHER_TIMER_MAX_DELAY_US &&
                       (period_us == 0 || (period_us >= USHER_TIMER_MIN_PERIOD_US &&
                                           period_us <= USHER_TIMER_MAX_DELAY_US));
    if (!valid) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "a timer needs a callback, a delay from 0 to 366 days, and a period of 0 or "
                    "from 1 ms to 366 days");
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (self.timers_.size() >= USHER_TIMER_MAX_TIMERS) {
      return Refuse(error, USHER_LIMIT, "there are 64 timers already; cancel one first");
    }
    *timer = ++self.last_timer_;
    self.timers_.push_back(
        {*timer, self.monotonic_us_ + delay_us, period_us, callback, context, self.at_hand_});
    return USHER_OK;
  }

  static usher_status CancelTimer(const usher_host* host, usher_timer timer) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "cancel");
    if (entered != USHER_OK) return entered;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    const auto found =
        std::find_if(self.timers_.begin(), self.timers_.end(),
                     [timer](const FakeHost::Timer& entry) { return entry.id == timer; });
    if (found == self.timers_.end()) return USHER_NOT_FOUND;
    self.timers_.erase(found);
    return USHER_OK;
  }

  static usher_status Now(const usher_host* host, int64_t* realtime_us, int64_t* monotonic_us) {
    const FakeHost& self = Of(host);
    if (self.phase_ >= Phase::kStopped) return USHER_STOPPED;
    if (realtime_us != nullptr) *realtime_us = self.realtime_us();
    if (monotonic_us != nullptr) *monotonic_us = self.monotonic_us();
    return USHER_OK;
  }

  // Programs.

  static bool IsValidRun(const usher_run_request& request) {
    return request.program != nullptr && request.program[0] == '/' &&
           (request.directory == nullptr || request.directory[0] == '/') &&
           (request.run_as == USHER_RUN_AS_ROOT ||
            (request.run_as == USHER_RUN_AS_SESSION_USER && request.session_id != nullptr)) &&
           request.time_limit_us >= USHER_RUN_MIN_TIME_US &&
           request.time_limit_us <= USHER_RUN_MAX_TIME_US;
  }

  static bool IsTooLargeRun(const usher_run_request& request) {
    return request.argument_count > USHER_RUN_MAX_ARGUMENTS ||
           request.variable_count > USHER_RUN_MAX_VARIABLES ||
           request.input_size > USHER_RUN_MAX_INPUT || request.output_limit > USHER_RUN_MAX_OUTPUT;
  }

  static StartedRun ReadRun(const usher_run_request& request) {
    StartedRun run;
    run.run_as = request.run_as;
    run.program = request.program;
    run.arguments.assign(request.arguments, request.arguments + request.argument_count);
    for (uint32_t i = 0; i < request.variable_count; ++i) {
      run.variables[request.variables[i]->key] = request.variables[i]->value;
    }
    run.input.assign(static_cast<const char*>(request.input), request.input_size);
    run.session_id = request.session_id == nullptr ? "" : request.session_id;
    run.directory = request.directory == nullptr ? "" : request.directory;
    run.time_limit_us = request.time_limit_us;
    run.output_limit = request.output_limit;
    run.cause = request.cause;
    return run;
  }

  static usher_status StartRun(const usher_host* host, const usher_run_request* request,
                               usher_run_callback callback, void* context, usher_run* run,
                               usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "start", "run", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kStopping) return USHER_STOPPED;
    if (self.phase_ == Phase::kInit) {
      return Refuse(error, USHER_INVALID_ARGUMENT, "programs are run once init() has returned");
    }
    if (request == nullptr || callback == nullptr || run == nullptr || !IsValidRun(*request)) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "a run needs a callback, an absolute program, the id of a session where it is "
                    "to have its user's rights, and a time limit from 100 ms to a day");
    }
    if (IsTooLargeRun(*request)) return Refuse(error, USHER_LIMIT, "the request is too large");
    StartedRun started = ReadRun(*request);
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (started.cause == 0) started.cause = self.at_hand_;
    if (request->cause != 0 && request->cause != self.at_hand_ &&
        self.open_.count(request->cause) == 0) {
      return Refuse(error, USHER_NOT_FOUND, "the cause is neither at hand nor open");
    }
    if (self.runs_.size() >= USHER_RUN_MAX_RUNS) {
      return Refuse(error, USHER_LIMIT, "there are 32 runs already; wait for one to end");
    }
    *run = started.run = ++self.last_run_;
    self.run_callbacks_[started.run] = {callback, context};
    self.runs_.push_back(std::move(started));
    return USHER_OK;
  }

  static usher_status CancelRun(const usher_host* host, usher_run run) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "cancel");
    if (entered != USHER_OK) return entered;
    if (!self.TakeRun(run)) return USHER_NOT_FOUND;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.cancelled_runs_.push_back(run);
    return USHER_OK;
  }

  // Events of the plugin's own.

  static bool IsOwnType(const FakeHost& self, std::string_view type) {
    if (self.phase_ == Phase::kNone) return !type.empty();
    const std::string prefix = self.plugin_id_ + ".";
    return type.size() > prefix.size() && type.size() <= USHER_EMIT_MAX_TYPE &&
           type.substr(0, prefix.size()) == prefix;
  }

  static usher_status ReadDetails(const usher_detail* const* details, uint32_t count,
                                  Emitted& emitted, usher_error* error) {
    if (count > USHER_EMIT_MAX_DETAILS) return Refuse(error, USHER_LIMIT, "too many details");
    for (uint32_t i = 0; i < count; ++i) {
      const std::string key = details[i]->key == nullptr ? "" : details[i]->key;
      const bool taken = key == "instance" || key == "id" ||
                         std::any_of(emitted.details.begin(), emitted.details.end(),
                                     [&key](const auto& other) { return other.first == key; });
      constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
      if (key.empty() || key.size() > USHER_EMIT_MAX_KEY || taken ||
          key.find_first_not_of(kAllowed) != std::string::npos || details[i]->value == nullptr) {
        return Refuse(error, USHER_INVALID_ARGUMENT,
                      "a detail's key has 1 to 64 characters of a-z, 0-9, '_', '.' and '-', is "
                      "there once, and neither \"instance\" nor \"id\"; it has a value");
      }
      const std::string value = details[i]->value;
      if (value.size() > USHER_EMIT_MAX_VALUE) {
        return Refuse(error, USHER_LIMIT, "a detail has at most 4096 bytes");
      }
      emitted.details.emplace_back(key, value);
    }
    return USHER_OK;
  }

  static bool IsWithinLimit(FakeHost& self, const std::string& type) {
    constexpr int64_t kMinuteUs = 60'000'000;
    FakeHost::Minute& minute = self.minutes_[type];
    if (minute.count == 0 || self.monotonic_us() - minute.begin_us >= kMinuteUs) {
      minute = {self.monotonic_us(), 0};
    }
    return minute.count++ < USHER_EMIT_MAX_PER_MINUTE;
  }

  static usher_status Emit(const usher_host* host, const char* type,
                           const usher_detail* const* details, uint32_t count, uint64_t cause,
                           usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = Enter(self, "emit", "emit", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kCheck) {
      self.Violate("called emit() in check_config(), which must be pure");
      return USHER_INVALID_ARGUMENT;
    }
    if (self.phase_ == Phase::kInit) {
      return Refuse(error, USHER_INVALID_ARGUMENT, "events are emitted once init() has returned");
    }
    if (type == nullptr || !IsOwnType(self, type)) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "the type of an event that a plugin emits begins with the plugin's id, as '" +
                        self.plugin_id_ + ".done' does");
    }
    Emitted emitted{type, {}, cause};
    const usher_status read = ReadDetails(details, count, emitted, error);
    if (read != USHER_OK) return read;
    const bool on_thread = self.plugin_thread_.load() == std::this_thread::get_id();
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (cause == 0 && on_thread) emitted.cause = self.at_hand_;
    if (cause != 0 && cause != self.at_hand_ && self.open_.count(cause) == 0) {
      return Refuse(error, USHER_NOT_FOUND, "the cause is neither at hand nor open");
    }
    if (!IsWithinLimit(self, emitted.type)) {
      return Refuse(error, USHER_LIMIT, "at most 60 events of a type are made in a minute");
    }
    self.emitted_.push_back(std::move(emitted));
    return USHER_OK;
  }

  // The host itself.

  static int32_t IsPluginThread(const usher_host* host) {
    return Of(host).plugin_thread_.load() == std::this_thread::get_id() ? 1 : 0;
  }

  static int32_t ShouldStop(const usher_host* host) { return Of(host).should_stop ? 1 : 0; }

  static usher_status Subscribe(const usher_host* host, const char* const* types, uint32_t count) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "subscribe", "subscribe");
    if (entered != USHER_OK) return entered;
    const bool in_time = self.phase_ == Phase::kInit || self.phase_ == Phase::kNone;
    if (types == nullptr || count == 0 || !in_time) return USHER_INVALID_ARGUMENT;
    const FakeHost::Strings names(types, types + count);
    for (const std::string& name : names) {
      if (!self.Allows(name)) return USHER_INVALID_ARGUMENT;
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.subscribed_ = names;
    return USHER_OK;
  }

  static usher_status Complete(const usher_host* host, uint64_t seq, usher_status status,
                               const char* text) {
    FakeHost& self = Of(host);
    if (self.phase_ == Phase::kStopped) {
      self.Violate("called complete() after stop() had returned");
    }
    const usher_status entered = Enter(self, "complete", "complete");
    if (entered != USHER_OK) return entered;
    if (status > 0) {
      self.Violate("called complete() with a positive status, which ends nothing");
      return USHER_INVALID_ARGUMENT;
    }
    if (status < 0 && self.phase_ == Phase::kStopping) return USHER_STOPPED;
    bool was_open = false;
    {
      const std::lock_guard<std::mutex> lock(self.mutex_);
      was_open = self.open_.erase(seq) != 0 || self.phase_ == Phase::kNone;
      if (was_open) self.completions_.push_back({seq, status, text == nullptr ? "" : text});
      self.ended_.notify_all();
    }
    if (was_open) return USHER_OK;
    self.Violate("called complete() for event " + std::to_string(seq) + ", which was not open");
    return USHER_NOT_FOUND;
  }

  static const void* GetExtension(const usher_host* host, const char* id) {
    static const usher_ext_config kConfig{sizeof(usher_ext_config),
                                          GetString,
                                          GetPlain<int64_t, int64_t>,
                                          GetNumber,
                                          GetPlain<bool, int32_t>,
                                          GetCount,
                                          GetStringAt,
                                          ConfigError,
                                          GetTableCount};
    static const usher_ext_emit kEmit{sizeof(usher_ext_emit), Emit};
    static const usher_ext_log kLog{sizeof(usher_ext_log), Log};
    static const usher_ext_run kRun{sizeof(usher_ext_run), StartRun, CancelRun};
    static const usher_ext_sessions kSessions{sizeof(usher_ext_sessions), Visit};
    static const usher_ext_storage kStorage{sizeof(usher_ext_storage), Put, Get, Remove};
    static const usher_ext_thread_check kThreads{sizeof(usher_ext_thread_check), IsPluginThread};
    static const usher_ext_timer kTimer{sizeof(usher_ext_timer), StartTimer, CancelTimer, Now};
    static const std::map<std::string_view, const void*> kTables{
        {USHER_EXT_CONFIG, &kConfig},
        {USHER_EXT_EMIT, &kEmit},
        {USHER_EXT_LOG, &kLog},
        {USHER_EXT_RUN, &kRun},
        {USHER_EXT_SESSIONS, &kSessions},
        {USHER_EXT_STORAGE, &kStorage},
        {USHER_EXT_THREAD_CHECK, &kThreads},
        {USHER_EXT_TIMER, &kTimer}};
    const FakeHost& self = Of(host);
    const std::string_view name = id == nullptr ? "" : id;
    const bool pure = name == USHER_EXT_CONFIG || name == USHER_EXT_LOG;
    if (self.phase_ == Phase::kCheck && !pure) return nullptr;
    if (self.missing_extensions.count(std::string(name)) > 0) return nullptr;
    const auto found = kTables.find(name);
    return found == kTables.end() ? nullptr : found->second;
  }
};

}  // namespace detail

inline FakeHost::FakeHost() {
  host_.size = sizeof(usher_host);
  host_.abi_version = USHER_ABI_VERSION;
  host_.host_data = this;
  host_.get_extension = detail::HostFunctions::GetExtension;
  host_.subscribe = detail::HostFunctions::Subscribe;
  host_.complete = detail::HostFunctions::Complete;
  host_.should_stop = detail::HostFunctions::ShouldStop;
}

}  // namespace testing
}  // namespace usher

#endif
