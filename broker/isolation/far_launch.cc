#include <cstdint>

#include "isolation/far_call.h"
#include "isolation/launch_messages.h"

namespace broker {
namespace {

bool IsComplete(const usher_launch_request& request) {
  return (request.arguments != nullptr || request.argument_count == 0) &&
         (request.variables != nullptr || request.variable_count == 0);
}

usher_status Start(const usher_host* host, const usher_launch_request* request,
                   usher_launch_callback callback, void* context, usher_launch* launch,
                   usher_error* error) {
  if (request == nullptr || callback == nullptr || launch == nullptr || !IsComplete(*request)) {
    return USHER_INVALID_ARGUMENT;
  }
  FarCall call(host, ToHost::kStartLaunch);
  PutLaunchRequest(call.Arguments(), *request);
  // Both come back as they are, with each call.
  call.Arguments().Number(reinterpret_cast<uintptr_t>(callback));
  call.Arguments().Number(reinterpret_cast<uintptr_t>(context));
  MessageReader answer = call.Make();
  const usher_status status = call.Outcome(answer, error);
  if (status == USHER_OK) *launch = answer.Number();
  return status;
}

usher_status Tell(const usher_host* host, ToHost what, usher_launch launch) {
  FarCall call(host, what);
  call.Arguments().Number(launch);
  MessageReader answer = call.Make();
  return call.Status(answer);
}

usher_status Stop(const usher_host* host, usher_launch launch) {
  return Tell(host, ToHost::kStopLaunch, launch);
}

usher_status Release(const usher_host* host, usher_launch launch) {
  return Tell(host, ToHost::kReleaseLaunch, launch);
}

usher_status Settle(const usher_host* host) {
  FarCall call(host, ToHost::kSettleLaunches);
  MessageReader answer = call.Make();
  return call.Status(answer);
}

usher_status List(const usher_host* host,
                  void (*callback)(void* context, usher_launch launch, const char* agent,
                                   const char* session_id, const usher_launch_news* news),
                  void* context) {
  if (callback == nullptr) return USHER_INVALID_ARGUMENT;
  FarCall call(host, ToHost::kListLaunches);
  MessageReader answer = call.Make();
  const usher_status status = call.Status(answer);
  if (status != USHER_OK) return status;
  for (uint64_t count = answer.Number(); count != 0 && !answer.Failed(); --count) {
    ReceivedLaunch received(answer);
    const usher_launch launch = answer.Number();
    const char* const agent = received.Text();
    const char* const session_id = received.Text();
    callback(context, launch, agent, session_id, &received.News());
  }
  return USHER_OK;
}

usher_status Describe(const usher_host* host, const usher_agent_status* status,
                      usher_error* error) {
  if (status == nullptr) return USHER_INVALID_ARGUMENT;
  FarCall call(host, ToHost::kDescribeAgent);
  PutAgentStatus(call.Arguments(), *status);
  MessageReader answer = call.Make();
  return call.Outcome(answer, error);
}

constexpr usher_ext_launch kLaunch{
    sizeof(usher_ext_launch), Start, Stop, Release, Settle, List, Describe};

}  // namespace

const usher_ext_launch& FarLaunchExtension() {
  return kLaunch;
}

}  // namespace broker
