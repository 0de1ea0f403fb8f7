// usher/testing/launch_functions.hpp: usher.launch/1 of a FakeHost.
#ifndef USHER_TESTING_LAUNCH_FUNCTIONS_HPP
#define USHER_TESTING_LAUNCH_FUNCTIONS_HPP

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "usher/ext/launch.h"
#include "usher/testing/host_entry.hpp"
#include "usher/testing/launch_data.hpp"

namespace usher {
namespace testing {
namespace detail {

struct LaunchFunctions : HostEntry {
  static bool IsAgentName(const char* name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const std::string_view text = name == nullptr ? "" : name;
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of(kAllowed) == std::string_view::npos;
  }

  static bool IsWithin(int64_t value, int64_t least, int64_t most) {
    return value >= least && value <= most;
  }

  static bool AreValidLimits(const usher_launch_limits& limits) {
    return (limits.memory_bytes == 0 || limits.memory_bytes >= USHER_LAUNCH_LEAST_MEMORY) &&
           (limits.open_files == 0 || limits.open_files >= USHER_LAUNCH_LEAST_FILES);
  }

  static bool IsValidLaunch(const usher_launch_request& request) {
    return IsAgentName(request.agent) && request.session_id != nullptr &&
           request.program != nullptr && request.program[0] == '/' &&
           (request.directory == nullptr || request.directory[0] == '/') &&
           IsWithin(request.token, USHER_TOKEN_USER, USHER_TOKEN_SYSTEM) &&
           IsWithin(request.desktop, USHER_DESKTOP_DEFAULT, USHER_DESKTOP_WINLOGON) &&
           IsWithin(request.scope, USHER_SCOPE_SESSION, USHER_SCOPE_USER) &&
           AreValidLimits(request.limits) &&
           IsWithin(request.ready_timeout_us, 0, USHER_LAUNCH_MAX_WAIT_US) &&
           IsWithin(request.stop_time_us, 0, USHER_LAUNCH_MAX_STOP_US);
  }

  static bool IsTooLargeLaunch(const usher_launch_request& request) {
    if (request.argument_count > USHER_LAUNCH_MAX_ARGUMENTS ||
        request.variable_count > USHER_LAUNCH_MAX_VARIABLES) {
      return true;
    }
    for (uint32_t i = 0; i < request.argument_count; ++i) {
      if (std::string_view(request.arguments[i]).size() > USHER_LAUNCH_MAX_TEXT) return true;
    }
    return false;
  }

  static StartedLaunch ReadLaunch(const usher_launch_request& request) {
    StartedLaunch launch;
    launch.agent = request.agent;
    launch.session_id = request.session_id;
    launch.token = request.token;
    launch.desktop = request.desktop;
    launch.scope = request.scope;
    launch.program = request.program;
    launch.arguments.assign(request.arguments, request.arguments + request.argument_count);
    for (uint32_t i = 0; i < request.variable_count; ++i) {
      launch.variables[request.variables[i]->key] = request.variables[i]->value;
    }
    launch.directory = request.directory == nullptr ? "" : request.directory;
    launch.limits = request.limits;
    launch.ready_when = request.ready_when;
    launch.keep = request.keep != 0;
    launch.ready_timeout_us = request.ready_timeout_us;
    launch.stop_time_us = request.stop_time_us;
    launch.cause = request.cause;
    return launch;
  }

  /// Of a user scope's sessions nothing is known here: the one that is named counts.
  static bool IsSameAgent(const StartedLaunch& left, const StartedLaunch& right) {
    return left.agent == right.agent && left.session_id == right.session_id &&
           left.scope == right.scope;
  }

  static usher_status StartLaunch(const usher_host* host, const usher_launch_request* request,
                                  usher_launch_callback callback, void* context,
                                  usher_launch* launch, usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "start", "launch", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kStopping) return USHER_STOPPED;
    if (self.phase_ == Phase::kInit) {
      return Refuse(error, USHER_INVALID_ARGUMENT, "agents are launched once init() has returned");
    }
    if (request == nullptr || callback == nullptr || launch == nullptr ||
        !IsValidLaunch(*request)) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "a launch needs a callback, a name of a-z, 0-9 and '-', the id of a session, "
                    "an absolute program, and times of 10 minutes at most");
    }
    if (IsTooLargeLaunch(*request)) return Refuse(error, USHER_LIMIT, "the request is too large");
    StartedLaunch started = ReadLaunch(*request);
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (started.cause == 0) started.cause = self.at_hand_;
    const bool twice =
        std::any_of(self.launches_.begin(), self.launches_.end(),
                    [&](const StartedLaunch& other) { return IsSameAgent(other, started); });
    if (twice) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "the agent \"" + started.agent + "\" of session " + started.session_id +
                        " was started already, and has not ended");
    }
    if (self.launches_.size() >= USHER_LAUNCH_MAX_LAUNCHES) {
      return Refuse(error, USHER_LIMIT, "there are 4096 agents already");
    }
    *launch = started.launch = ++self.last_launch_;
    self.launch_callbacks_[started.launch] = {callback, context};
    self.launches_.push_back(std::move(started));
    return USHER_OK;
  }

  static usher_status StopLaunch(const usher_host* host, usher_launch launch) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "stop");
    if (entered != USHER_OK) return entered;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    for (StartedLaunch& started : self.launches_) {
      if (started.launch != launch) continue;
      started.stopping = true;
      return USHER_OK;
    }
    return USHER_NOT_FOUND;
  }

  static usher_status ReleaseLaunch(const usher_host* host, usher_launch launch) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "release");
    if (entered != USHER_OK) return entered;
    return self.TakeLaunch(launch, true) ? USHER_OK : USHER_NOT_FOUND;
  }

  static usher_status Settle(const usher_host* host) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "settle", "launch");
    if (entered != USHER_OK) return entered;
    ++self.settled_;
    return USHER_OK;
  }

  static usher_status ListLaunches(const usher_host* host,
                                   void (*callback)(void*, usher_launch, const char*, const char*,
                                                    const usher_launch_news*),
                                   void* context) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "list", "launch");
    if (entered != USHER_OK) return entered;
    if (callback == nullptr) return USHER_INVALID_ARGUMENT;
    for (const StartedLaunch& launch : self.Launches()) {
      usher_launch_news news{};
      news.size = sizeof news;
      news.stage = news.call = news.meaning = news.advice = "";
      callback(context, launch.launch, launch.agent.c_str(), launch.session_id.c_str(), &news);
    }
    return USHER_OK;
  }

  static std::string TextOrEmpty(const char* text) { return text == nullptr ? "" : text; }

  static usher_status DescribeAgent(const usher_host* host, const usher_agent_status* status,
                                    usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "describe", "launch", error);
    if (entered != USHER_OK) return entered;
    if (status == nullptr || !IsAgentName(status->agent) ||
        !IsWithin(status->state, USHER_AGENT_WAITING, USHER_AGENT_GONE)) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "a status needs an agent's name, of a-z, 0-9 and '-', and a state");
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.described_.push_back({status->agent, TextOrEmpty(status->session_id), status->state,
                               TextOrEmpty(status->last_exit), TextOrEmpty(status->reason),
                               status->pid, status->next_try_us, status->restarts});
    return USHER_OK;
  }

  static const usher_ext_launch& LaunchTable() {
    static const usher_ext_launch kTable{sizeof(usher_ext_launch),
                                         StartLaunch,
                                         StopLaunch,
                                         ReleaseLaunch,
                                         Settle,
                                         ListLaunches,
                                         DescribeAgent};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
