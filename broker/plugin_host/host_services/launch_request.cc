#include "plugin_host/host_services/launch_request.h"

#include <cstddef>

#include "plugin_host/host_services/request_reader.h"

namespace broker {
namespace {

using std::chrono::microseconds;

static_assert(static_cast<int32_t>(TokenKind::kSystem) == USHER_TOKEN_SYSTEM);
static_assert(static_cast<int32_t>(DesktopKind::kWinlogon) == USHER_DESKTOP_WINLOGON);
static_assert(static_cast<int32_t>(LaunchScope::kUser) == USHER_SCOPE_USER);
static_assert(static_cast<int32_t>(Remedy::kRetry) == USHER_REMEDY_RETRY);
static_assert(static_cast<int32_t>(Remedy::kDefer) == USHER_REMEDY_DEFER);
static_assert(static_cast<int32_t>(Remedy::kFix) == USHER_REMEDY_FIX);
static_assert(static_cast<int32_t>(Remedy::kDrop) == USHER_REMEDY_DROP);
// A start comes before the ends.
static_assert(static_cast<int32_t>(LaunchEndKind::kExited) + 1 == USHER_LAUNCH_EXITED);
static_assert(static_cast<int32_t>(LaunchEndKind::kSignaled) + 1 == USHER_LAUNCH_SIGNALED);
static_assert(static_cast<int32_t>(LaunchEndKind::kStopped) + 1 == USHER_LAUNCH_STOPPED);
static_assert(static_cast<int32_t>(LaunchEndKind::kLost) + 1 == USHER_LAUNCH_LOST);
static_assert(static_cast<int32_t>(LaunchEndKind::kFailed) + 1 == USHER_LAUNCH_FAILED);

// The members that there were in the first version.
constexpr uint32_t kLeastSize = offsetof(usher_launch_request, cause) + sizeof(uint64_t);
constexpr uint32_t kAllReady = USHER_READY_DISPLAY | USHER_READY_USER_BUS |
                               USHER_READY_RUNTIME_DIRECTORY | USHER_READY_PROFILE;

bool IsBetween(int64_t value, int64_t most) {
  return value >= 0 && value <= most;
}

void CheckKinds(const usher_launch_request& request, RequestReader& reader) {
  reader.Demand(IsBetween(request.token, USHER_TOKEN_SYSTEM), USHER_INVALID_ARGUMENT,
                "there is no such kind of token");
  reader.Demand(IsBetween(request.desktop, USHER_DESKTOP_WINLOGON), USHER_INVALID_ARGUMENT,
                "there is no such desktop");
  reader.Demand(IsBetween(request.scope, USHER_SCOPE_USER), USHER_INVALID_ARGUMENT,
                "an agent is a session's or a user's");
  reader.Demand((request.ready_when & ~kAllReady) == 0 && request.keep <= 1, USHER_INVALID_ARGUMENT,
                "'ready_when' or 'keep' has a value that this broker does not know");
}

void CheckNumbers(const usher_launch_request& request, RequestReader& reader) {
  CheckKinds(request, reader);
  reader.Demand(request.argument_count <= USHER_LAUNCH_MAX_ARGUMENTS, USHER_LIMIT,
                "an agent has at most 64 arguments");
  reader.Demand(request.variable_count <= USHER_LAUNCH_MAX_VARIABLES, USHER_LIMIT,
                "an agent gets at most 64 variables");
  reader.Demand((request.arguments != nullptr || request.argument_count == 0) &&
                    (request.variables != nullptr || request.variable_count == 0),
                USHER_INVALID_ARGUMENT, "arguments or variables are counted, but not there");
  reader.Demand(IsBetween(request.ready_timeout_us, USHER_LAUNCH_MAX_WAIT_US) &&
                    IsBetween(request.stop_time_us, USHER_LAUNCH_MAX_STOP_US),
                USHER_INVALID_ARGUMENT,
                "an agent is waited for, and has to end, within 0 to 10 minutes");
}

Readiness ReadinessOf(const usher_launch_request& request) {
  const auto has = [&](uint32_t flag) { return (request.ready_when & flag) != 0; };
  return {has(USHER_READY_DISPLAY), has(USHER_READY_USER_BUS), has(USHER_READY_RUNTIME_DIRECTORY),
          has(USHER_READY_PROFILE), microseconds(request.ready_timeout_us)};
}

}  // namespace

usher_status ReadLaunchRequest(const usher_launch_request& request, LaunchOrder& order,
                               std::string& session_id, std::string& why) {
  RequestReader reader(USHER_LAUNCH_MAX_TEXT, why);
  reader.Demand(request.size >= kLeastSize, USHER_INVALID_ARGUMENT,
                "the request is smaller than the first version's: set its size");
  if (reader.Status() != USHER_OK) return reader.Status();
  order.agent = reader.Text(request.agent, "the agent's name");
  session_id = reader.Text(request.session_id, "the session's id");
  CheckNumbers(request, reader);
  if (reader.Status() != USHER_OK) return reader.Status();
  order.scope = static_cast<LaunchScope>(request.scope);
  order.token = static_cast<TokenKind>(request.token);
  order.desktop = static_cast<DesktopKind>(request.desktop);
  order.program = reader.Text(request.program, "the program");
  order.arguments = reader.Texts(request.arguments, request.argument_count, "an argument");
  order.variables = reader.Variables(request.variables, request.variable_count);
  order.directory = reader.Optional(request.directory, "the directory");
  order.limits = {request.limits.memory_bytes, request.limits.tasks, request.limits.open_files,
                  request.limits.cpu_percent};
  order.ready = ReadinessOf(request);
  order.stop_time = microseconds(request.stop_time_us);
  order.keep = request.keep == 1;
  return reader.Status();
}

usher_launch_news NewsOf(const LaunchStart& start) {
  usher_launch_news news{};
  news.size = sizeof news;
  news.change = USHER_LAUNCH_STARTED;
  news.adopted = start.adopted ? 1 : 0;
  news.pid = start.pid;
  news.duration_us = start.duration.count();
  news.stage = news.call = news.advice = "";
  news.meaning = start.adopted ? "it was at work already" : "it is at work";
  return news;
}

usher_launch_news NewsOf(const LaunchEnd& end) {
  const bool failed = end.IsFailure();
  usher_launch_news news{};
  news.size = sizeof news;
  news.change = static_cast<usher_launch_change>(end.kind) + 1;
  news.code = end.code;
  news.duration_us = end.duration.count();
  // A name is a literal's.
  news.stage = failed ? Name(end.failure.stage).data() : "";
  news.call = failed ? end.failure.call.c_str() : "";
  news.meaning = end.meaning.c_str();
  news.advice = failed ? end.failure.advice.c_str() : "";
  news.remedy = failed ? static_cast<usher_launch_remedy>(end.failure.remedy) : USHER_REMEDY_RETRY;
  news.until = failed ? static_cast<usher_event_type>(end.failure.until) : USHER_EVENT_UNKNOWN;
  return news;
}

}  // namespace broker
