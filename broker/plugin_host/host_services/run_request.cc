#include "plugin_host/host_services/run_request.h"

#include <cstddef>

#include "plugin_host/host_services/request_reader.h"

namespace broker {
namespace {

static_assert(static_cast<int32_t>(RunAs::kSessionUser) == USHER_RUN_AS_SESSION_USER);
static_assert(static_cast<int32_t>(RunEndKind::kExited) == USHER_RUN_EXITED);
static_assert(static_cast<int32_t>(RunEndKind::kSignaled) == USHER_RUN_SIGNALED);
static_assert(static_cast<int32_t>(RunEndKind::kTimedOut) == USHER_RUN_TIMED_OUT);
static_assert(static_cast<int32_t>(RunEndKind::kNotStarted) == USHER_RUN_NOT_STARTED);
static_assert(static_cast<int32_t>(RunEndKind::kLost) == USHER_RUN_LOST);

// The members that there were in the first version.
constexpr uint32_t kLeastSize = offsetof(usher_run_request, cause) + sizeof(uint64_t);

void CheckNumbers(const usher_run_request& request, RequestReader& reader) {
  reader.Demand(request.run_as == USHER_RUN_AS_ROOT || request.run_as == USHER_RUN_AS_SESSION_USER,
                USHER_INVALID_ARGUMENT, "a program runs as root or as the user of a session");
  reader.Demand(request.argument_count <= USHER_RUN_MAX_ARGUMENTS, USHER_LIMIT,
                "a program has at most 64 arguments");
  reader.Demand(request.variable_count <= USHER_RUN_MAX_VARIABLES, USHER_LIMIT,
                "a program gets at most 64 variables");
  reader.Demand(request.input_size <= USHER_RUN_MAX_INPUT, USHER_LIMIT,
                "a program's input has at most 65536 bytes");
  reader.Demand(request.output_limit <= USHER_RUN_MAX_OUTPUT, USHER_LIMIT,
                "at most 65536 bytes of a program's output are kept");
  reader.Demand(request.time_limit_us >= USHER_RUN_MIN_TIME_US &&
                    request.time_limit_us <= USHER_RUN_MAX_TIME_US,
                USHER_INVALID_ARGUMENT, "a program's time limit is from 100 ms to a day");
  reader.Demand((request.arguments != nullptr || request.argument_count == 0) &&
                    (request.variables != nullptr || request.variable_count == 0) &&
                    (request.input != nullptr || request.input_size == 0),
                USHER_INVALID_ARGUMENT, "arguments, variables or input are counted, but not there");
}

}  // namespace

usher_status ReadRunRequest(const usher_run_request& request, RunOrder& order,
                            std::string& session_id, std::string& why) {
  RequestReader reader(USHER_RUN_MAX_TEXT, why);
  reader.Demand(request.size >= kLeastSize, USHER_INVALID_ARGUMENT,
                "the request is smaller than the first version's: set its size");
  if (reader.Status() == USHER_OK) CheckNumbers(request, reader);
  if (reader.Status() != USHER_OK) return reader.Status();
  order.run_as = static_cast<RunAs>(request.run_as);
  order.program = reader.Text(request.program, "the program");
  order.arguments = reader.Texts(request.arguments, request.argument_count, "an argument");
  order.variables = reader.Variables(request.variables, request.variable_count);
  if (request.input_size != 0) {
    order.input.assign(static_cast<const char*>(request.input), request.input_size);
  }
  order.directory = reader.Optional(request.directory, "the directory");
  order.time_limit = std::chrono::microseconds(request.time_limit_us);
  order.output_limit = request.output_limit;
  session_id = reader.Optional(request.session_id, "the session's id");
  return reader.Status();
}

usher_run_result ResultOf(const RunEnd& end) {
  usher_run_result result{};
  result.size = sizeof result;
  result.end = static_cast<usher_run_end>(end.kind);
  result.code = end.code;
  result.stage = end.stage.c_str();
  result.call = end.call.c_str();
  result.meaning = end.meaning.c_str();
  result.output = end.output.c_str();
  result.output_size = end.output.size();
  result.output_dropped = end.dropped;
  result.duration_us = end.duration.count();
  return result;
}

}  // namespace broker
