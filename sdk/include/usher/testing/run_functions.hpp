// usher/testing/run_functions.hpp: usher.run/1 of a FakeHost.
#ifndef USHER_TESTING_RUN_FUNCTIONS_HPP
#define USHER_TESTING_RUN_FUNCTIONS_HPP

#include <cstdint>
#include <mutex>
#include <utility>

#include "usher/ext/run.h"
#include "usher/testing/host_entry.hpp"

namespace usher {
namespace testing {
namespace detail {

struct RunFunctions : HostEntry {
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

  static const usher_ext_run& RunTable() {
    static const usher_ext_run kTable{sizeof(usher_ext_run), StartRun, CancelRun};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
