#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "isolation/far_call.h"
#include "isolation/plugin_messages.h"
#include "usher/ext/config.h"
#include "usher/ext/emit.h"
#include "usher/ext/log.h"
#include "usher/ext/run.h"
#include "usher/ext/session.h"
#include "usher/ext/sessions.h"
#include "usher/ext/storage.h"
#include "usher/ext/thread_check.h"
#include "usher/ext/timer.h"

namespace broker {
namespace {

/// Reads one value of the configuration: `take(call, answer)` is its own.
template <class Out, class Take>
usher_status Get(FarCall& call, Out* out, Take&& take) {
  if (out == nullptr) return USHER_INVALID_ARGUMENT;
  MessageReader answer = call.Make();
  const usher_status status = call.Status(answer);
  if (status == USHER_OK) *out = take(answer);
  return status;
}

usher_status GetText(FarCall& call, const char** out) {
  return Get(call, out, [&](MessageReader& answer) {
    answer.Number();
    return call.Host().Keep(answer.Text());
  });
}

FarCall Ask(const usher_host* host, ToHost what, const char* key) {
  FarCall call(host, what);
  PutText(call.Arguments(), key);
  return call;
}

usher_status GetString(const usher_host* host, const char* key, const char** out) {
  FarCall call = Ask(host, ToHost::kGetString, key);
  return GetText(call, out);
}

usher_status GetInteger(const usher_host* host, const char* key, int64_t* out) {
  FarCall call = Ask(host, ToHost::kGetInteger, key);
  return Get(call, out, [](MessageReader& answer) { return answer.Signed(); });
}

usher_status GetNumber(const usher_host* host, const char* key, double* out) {
  FarCall call = Ask(host, ToHost::kGetNumber, key);
  return Get(call, out,
             [](MessageReader& answer) { return std::bit_cast<double>(answer.Number()); });
}

usher_status GetBoolean(const usher_host* host, const char* key, int32_t* out) {
  FarCall call = Ask(host, ToHost::kGetBoolean, key);
  return Get(call, out,
             [](MessageReader& answer) { return static_cast<int32_t>(answer.Signed()); });
}

usher_status GetCount(const usher_host* host, const char* key, uint32_t* out) {
  FarCall call = Ask(host, ToHost::kGetCount, key);
  return Get(call, out,
             [](MessageReader& answer) { return static_cast<uint32_t>(answer.Number()); });
}

usher_status GetTableCount(const usher_host* host, const char* key, uint32_t* out) {
  FarCall call = Ask(host, ToHost::kGetTableCount, key);
  return Get(call, out,
             [](MessageReader& answer) { return static_cast<uint32_t>(answer.Number()); });
}

usher_status GetStringAt(const usher_host* host, const char* key, uint32_t index,
                         const char** out) {
  FarCall call = Ask(host, ToHost::kGetStringAt, key);
  call.Arguments().Number(index);
  return GetText(call, out);
}

usher_status ConfigError(const usher_host* host, const char* key, const char* text) {
  FarCall call = Ask(host, ToHost::kConfigError, key);
  PutText(call.Arguments(), text);
  MessageReader answer = call.Make();
  return call.Status(answer);
}

void Log(const usher_host* host, usher_log_severity severity, const char* text) {
  FarCall call(host, ToHost::kLog);
  call.Arguments().Signed(severity);
  PutText(call.Arguments(), text);
  call.Make();
}

usher_status Visit(const usher_host* host, void (*callback)(void*, const usher_snapshot*),
                   void* context) {
  if (callback == nullptr) return USHER_INVALID_ARGUMENT;
  FarCall call(host, ToHost::kVisit);
  MessageReader answer = call.Make();
  const usher_status status = call.Status(answer);
  if (status != USHER_OK) return status;
  MessageReader bytes(answer.Text());
  ReceivedCall received(bytes);
  callback(context, &received.Snapshot());
  return USHER_OK;
}

usher_status Put(const usher_host* host, const char* key, const void* value, size_t length,
                 usher_error* error) {
  if (value == nullptr && length != 0) return USHER_INVALID_ARGUMENT;
  FarCall call = Ask(host, ToHost::kPut, key);
  call.Arguments().Text({static_cast<const char*>(value), length});
  MessageReader answer = call.Make();
  return call.Outcome(answer, error);
}

usher_status GetValue(const usher_host* host, const char* key, void* buffer, size_t* length,
                      usher_error* error) {
  if (length == nullptr || (buffer == nullptr && *length != 0)) return USHER_INVALID_ARGUMENT;
  FarCall call = Ask(host, ToHost::kGet, key);
  MessageReader answer = call.Make();
  const usher_status status = call.Outcome(answer, error);
  if (status != USHER_OK) return status;
  const std::string_view value = answer.Text();
  const size_t room = std::exchange(*length, value.size());
  if (room < value.size()) return USHER_TOO_SMALL;
  std::copy(value.begin(), value.end(), static_cast<char*>(buffer));
  return USHER_OK;
}

usher_status Remove(const usher_host* host, const char* key, usher_error* error) {
  FarCall call = Ask(host, ToHost::kRemove, key);
  MessageReader answer = call.Make();
  return call.Outcome(answer, error);
}

usher_status Emit(const usher_host* host, const char* type, const usher_detail* const* details,
                  uint32_t count, uint64_t cause, usher_error* error) {
  if (details == nullptr && count != 0) return USHER_INVALID_ARGUMENT;
  FarCall call = Ask(host, ToHost::kEmit, type);
  PutDetails(call.Arguments(), details, count);
  call.Arguments().Number(cause);
  MessageReader answer = call.Make();
  return call.Outcome(answer, error);
}

usher_status StartTimer(const usher_host* host, int64_t delay_us, int64_t period_us,
                        usher_timer_callback callback, void* context, usher_timer* timer,
                        usher_error* error) {
  if (callback == nullptr || timer == nullptr) return USHER_INVALID_ARGUMENT;
  FarCall call(host, ToHost::kStartTimer);
  call.Arguments().Signed(delay_us).Signed(period_us);
  // Both come back as they are, with the call of the timer.
  call.Arguments().Number(reinterpret_cast<uintptr_t>(callback));
  call.Arguments().Number(reinterpret_cast<uintptr_t>(context));
  MessageReader answer = call.Make();
  const usher_status status = call.Outcome(answer, error);
  if (status == USHER_OK) *timer = answer.Number();
  return status;
}

usher_status CancelTimer(const usher_host* host, usher_timer timer) {
  FarCall call(host, ToHost::kCancelTimer);
  call.Arguments().Number(timer);
  MessageReader answer = call.Make();
  return call.Status(answer);
}

usher_status StartRun(const usher_host* host, const usher_run_request* request,
                      usher_run_callback callback, void* context, usher_run* run,
                      usher_error* error) {
  if (request == nullptr || callback == nullptr || run == nullptr) return USHER_INVALID_ARGUMENT;
  const bool complete = (request->arguments != nullptr || request->argument_count == 0) &&
                        (request->variables != nullptr || request->variable_count == 0) &&
                        (request->input != nullptr || request->input_size == 0);
  if (!complete) return USHER_INVALID_ARGUMENT;
  FarCall call(host, ToHost::kStartRun);
  PutRunRequest(call.Arguments(), *request);
  // Both come back as they are, with the call.
  call.Arguments().Number(reinterpret_cast<uintptr_t>(callback));
  call.Arguments().Number(reinterpret_cast<uintptr_t>(context));
  MessageReader answer = call.Make();
  const usher_status status = call.Outcome(answer, error);
  if (status == USHER_OK) *run = answer.Number();
  return status;
}

usher_status CancelRun(const usher_host* host, usher_run run) {
  FarCall call(host, ToHost::kCancelRun);
  call.Arguments().Number(run);
  MessageReader answer = call.Make();
  return call.Status(answer);
}

usher_status RequestAction(const usher_host* host, usher_session_action action,
                           const char* session_id, uint64_t cause, usher_error* error) {
  FarCall call = Ask(host, ToHost::kRequestAction, session_id);
  call.Arguments().Signed(action).Number(cause);
  MessageReader answer = call.Make();
  return call.Outcome(answer, error);
}

usher_status Now(const usher_host* host, int64_t* realtime_us, int64_t* monotonic_us) {
  FarCall call(host, ToHost::kNow);
  MessageReader answer = call.Make();
  const usher_status status = call.Status(answer);
  if (status != USHER_OK) return status;
  const int64_t realtime = answer.Signed();
  if (realtime_us != nullptr) *realtime_us = realtime;
  if (monotonic_us != nullptr) *monotonic_us = answer.Signed();
  return USHER_OK;
}

int32_t IsPluginThread(const usher_host* host) {
  const FarHost* const self = FarHost::From(host);
  return self != nullptr && self->IsPluginThread() ? 1 : 0;
}

constexpr usher_ext_config kConfig{sizeof(usher_ext_config),
                                   GetString,
                                   GetInteger,
                                   GetNumber,
                                   GetBoolean,
                                   GetCount,
                                   GetStringAt,
                                   ConfigError,
                                   GetTableCount};
constexpr usher_ext_emit kEmit{sizeof(usher_ext_emit), Emit};
constexpr usher_ext_log kLog{sizeof(usher_ext_log), Log};
constexpr usher_ext_run kRun{sizeof(usher_ext_run), StartRun, CancelRun};
constexpr usher_ext_session kSession{sizeof(usher_ext_session), RequestAction};
constexpr usher_ext_sessions kSessions{sizeof(usher_ext_sessions), Visit};
constexpr usher_ext_storage kStorage{sizeof(usher_ext_storage), Put, GetValue, Remove};
constexpr usher_ext_thread_check kThreadCheck{sizeof(usher_ext_thread_check), IsPluginThread};
constexpr usher_ext_timer kTimer{sizeof(usher_ext_timer), StartTimer, CancelTimer, Now};

}  // namespace

const void* FindFarExtension(std::string_view id) {
  if (id == USHER_EXT_CONFIG) return &kConfig;
  if (id == USHER_EXT_EMIT) return &kEmit;
  if (id == USHER_EXT_LAUNCH) return &FarLaunchExtension();
  if (id == USHER_EXT_LOG) return &kLog;
  if (id == USHER_EXT_RUN) return &kRun;
  if (id == USHER_EXT_SESSION) return &kSession;
  if (id == USHER_EXT_SESSIONS) return &kSessions;
  if (id == USHER_EXT_STORAGE) return &kStorage;
  if (id == USHER_EXT_THREAD_CHECK) return &kThreadCheck;
  if (id == USHER_EXT_TIMER) return &kTimer;
  return nullptr;
}

}  // namespace broker
