#include "isolation/host_calls.h"

#include <bit>
#include <utility>
#include <vector>

#include "isolation/plugin_messages.h"
#include "usher/ext/config.h"
#include "usher/ext/emit.h"
#include "usher/ext/log.h"
#include "usher/ext/session.h"
#include "usher/ext/sessions.h"
#include "usher/ext/storage.h"

namespace broker {
namespace {

constexpr uint64_t kMostTypes = 4096;

/// The extension that a call is of; null where it is the host's own.
const char* ExtensionOf(ToHost call) {
  switch (call) {
    case ToHost::kGetExtension:
    case ToHost::kSubscribe:
    case ToHost::kComplete:
    case ToHost::kShouldStop:
      return nullptr;
    case ToHost::kLog:
      return USHER_EXT_LOG;
    case ToHost::kVisit:
      return USHER_EXT_SESSIONS;
    case ToHost::kPut:
    case ToHost::kGet:
    case ToHost::kRemove:
      return USHER_EXT_STORAGE;
    case ToHost::kEmit:
      return USHER_EXT_EMIT;
    case ToHost::kStartTimer:
    case ToHost::kCancelTimer:
    case ToHost::kNow:
      return USHER_EXT_TIMER;
    case ToHost::kStartRun:
    case ToHost::kCancelRun:
      return USHER_EXT_RUN;
    case ToHost::kRequestAction:
      return USHER_EXT_SESSION;
    case ToHost::kStartLaunch:
    case ToHost::kStopLaunch:
    case ToHost::kReleaseLaunch:
    case ToHost::kSettleLaunches:
    case ToHost::kListLaunches:
    case ToHost::kDescribeAgent:
      return USHER_EXT_LAUNCH;
    default:
      return USHER_EXT_CONFIG;
  }
}

/// The other process may ask for anything at any time, also for what it was told is not there.
bool Offers(const usher_host* host, ToHost call) {
  if (host == nullptr) return false;
  const char* const extension = ExtensionOf(call);
  return extension == nullptr || host->get_extension(host, extension) != nullptr;
}

}  // namespace

MessageWriter HostCalls::Answer(MessageReader& request) {
  MessageWriter out;
  const uint64_t call = request.Number();
  if (!Offers(host_, static_cast<ToHost>(call))) {
    out.Signed(USHER_NOT_PERMITTED);
    return out;
  }
  switch (static_cast<ToHost>(call)) {
    case ToHost::kGetExtension:
      out.Number(host_.load()->get_extension(host_, ReceivedCall(request).Text()) == nullptr ? 0
                                                                                             : 1);
      break;
    case ToHost::kSubscribe:
      Subscribe(request, out);
      break;
    case ToHost::kComplete:
      Complete(request, out);
      break;
    case ToHost::kShouldStop:
      out.Signed(host_.load()->should_stop(host_));
      break;
    case ToHost::kLog:
      Log(request);
      break;
    case ToHost::kVisit:
      Visit(out);
      break;
    case ToHost::kPut:
    case ToHost::kGet:
    case ToHost::kRemove:
      Store(call, request, out);
      break;
    case ToHost::kEmit:
      Emit(request, out);
      break;
    case ToHost::kStartTimer:
      StartTimer(request, out);
      break;
    case ToHost::kCancelTimer:
      out.Signed(Find<usher_ext_timer>(USHER_EXT_TIMER)->cancel(host_, request.Number()));
      break;
    case ToHost::kNow:
      Now(out);
      break;
    case ToHost::kStartRun:
      StartRun(request, out);
      break;
    case ToHost::kCancelRun:
      CancelRun(request, out);
      break;
    case ToHost::kRequestAction:
      RequestAction(request, out);
      break;
    case ToHost::kStartLaunch:
    case ToHost::kStopLaunch:
    case ToHost::kReleaseLaunch:
    case ToHost::kSettleLaunches:
    case ToHost::kListLaunches:
    case ToHost::kDescribeAgent:
      CallLaunch(static_cast<ToHost>(call), request, out);
      break;
    default:
      GetConfig(call, request, out);
  }
  return out;
}

void HostCalls::Subscribe(MessageReader& in, MessageWriter& out) {
  ReceivedCall call(in);
  const uint64_t count = in.Number();
  std::vector<const char*> types;
  for (uint64_t i = 0; i < count && i < kMostTypes; ++i) types.push_back(call.Text());
  out.Signed(host_.load()->subscribe(host_, types.data(), static_cast<uint32_t>(types.size())));
}

void HostCalls::Complete(MessageReader& in, MessageWriter& out) {
  const uint64_t seq = in.Number();
  const auto status = static_cast<usher_status>(in.Signed());
  out.Signed(host_.load()->complete(host_, seq, status, ReceivedCall(in).Text()));
}

void HostCalls::Log(MessageReader& in) {
  const auto severity = static_cast<usher_log_severity>(in.Signed());
  Find<usher_ext_log>(USHER_EXT_LOG)->log(host_, severity, ReceivedCall(in).Text());
}

void HostCalls::GetConfig(uint64_t call, MessageReader& in, MessageWriter& out) {
  const auto& config = *Find<usher_ext_config>(USHER_EXT_CONFIG);
  ReceivedCall received(in);
  const char* const key = received.Text();
  const char* text = nullptr;
  int64_t integer = 0;
  double number = 0;
  int32_t boolean = 0;
  uint32_t count = 0;
  switch (static_cast<ToHost>(call)) {
    case ToHost::kGetString:
      out.Signed(config.get_string(host_, key, &text));
      return PutText(out, text);
    case ToHost::kGetInteger:
      out.Signed(config.get_integer(host_, key, &integer)).Signed(integer);
      return;
    case ToHost::kGetNumber:
      out.Signed(config.get_number(host_, key, &number)).Number(std::bit_cast<uint64_t>(number));
      return;
    case ToHost::kGetBoolean:
      out.Signed(config.get_boolean(host_, key, &boolean)).Signed(boolean);
      return;
    case ToHost::kGetCount:
      out.Signed(config.get_count(host_, key, &count)).Number(count);
      return;
    case ToHost::kGetTableCount:
      out.Signed(config.get_table_count(host_, key, &count)).Number(count);
      return;
    case ToHost::kGetStringAt:
      out.Signed(config.get_string_at(host_, key, static_cast<uint32_t>(in.Number()), &text));
      return PutText(out, text);
    case ToHost::kConfigError:
      out.Signed(config.config_error(host_, key, received.Text()));
      return;
    default:
      out.Signed(USHER_INVALID_ARGUMENT);
  }
}

void HostCalls::Visit(MessageWriter& out) {
  MessageWriter snapshot;
  const usher_status status = Find<usher_ext_sessions>(USHER_EXT_SESSIONS)
                                  ->visit(
                                      host_,
                                      [](void* context, const usher_snapshot* shown) {
                                        PutSnapshot(*static_cast<MessageWriter*>(context), *shown);
                                      },
                                      &snapshot);
  out.Signed(status).Text(snapshot.Bytes());
}

void HostCalls::Store(uint64_t call, MessageReader& in, MessageWriter& out) {
  const auto& storage = *Find<usher_ext_storage>(USHER_EXT_STORAGE);
  usher_error error = EmptyError();
  ReceivedCall received(in);
  const char* const key = received.Text();
  if (call == static_cast<uint64_t>(ToHost::kPut)) {
    const std::string_view value = in.Text();
    return PutOutcome(out, storage.put(host_, key, value.data(), value.size(), &error), error);
  }
  if (call == static_cast<uint64_t>(ToHost::kRemove)) {
    return PutOutcome(out, storage.remove(host_, key, &error), error);
  }
  std::string value(USHER_STORAGE_MAX_VALUE, '\0');
  size_t length = value.size();
  const usher_status status = storage.get(host_, key, value.data(), &length, &error);
  PutOutcome(out, status, error);
  if (status == USHER_OK) out.Text({value.data(), length});
}

void HostCalls::Emit(MessageReader& in, MessageWriter& out) {
  ReceivedCall call(in);
  const char* const type = call.Text();
  const std::vector<const usher_detail*>& details = call.Details();
  const uint64_t cause = in.Number();
  usher_error error = EmptyError();
  const usher_status status =
      Find<usher_ext_emit>(USHER_EXT_EMIT)
          ->emit(host_, type, details.data(), static_cast<uint32_t>(details.size()), cause, &error);
  PutOutcome(out, status, error);
}

void HostCalls::StartTimer(MessageReader& in, MessageWriter& out) {
  const int64_t delay_us = in.Signed();
  const int64_t period_us = in.Signed();
  auto timer = std::make_unique<FarCallback>(FarCallback{this, in.Number(), in.Number()});
  usher_timer id = 0;
  usher_error error = EmptyError();
  const usher_status status =
      Find<usher_ext_timer>(USHER_EXT_TIMER)
          ->start(
              host_, delay_us, period_us,
              [](void* context, usher_timer called, usher_error* why) {
                const FarCallback& self = *static_cast<const FarCallback*>(context);
                MessageWriter message;
                message.Number(static_cast<uint64_t>(ToPlugin::kTimer)).Number(self.callback);
                message.Number(self.context).Number(called);
                return self.calls->call_(message, why);
              },
              timer.get(), &id, &error);
  PutOutcome(out, status, error);
  out.Number(id);
  const std::lock_guard lock(mutex_);
  if (status == USHER_OK) timers_.emplace(id, std::move(timer));
}

void HostCalls::Now(MessageWriter& out) {
  int64_t realtime_us = 0;
  int64_t monotonic_us = 0;
  const usher_status status =
      Find<usher_ext_timer>(USHER_EXT_TIMER)->now(host_, &realtime_us, &monotonic_us);
  out.Signed(status).Signed(realtime_us).Signed(monotonic_us);
}

void HostCalls::RequestAction(MessageReader& in, MessageWriter& out) {
  ReceivedCall call(in);
  const char* const session_id = call.Text();
  const auto action = static_cast<usher_session_action>(in.Signed());
  usher_error error = EmptyError();
  const usher_status status = Find<usher_ext_session>(USHER_EXT_SESSION)
                                  ->request(host_, action, session_id, in.Number(), &error);
  PutOutcome(out, status, error);
}

void HostCalls::StartRun(MessageReader& in, MessageWriter& out) {
  ReceivedCall call(in);
  const usher_run_request& request = call.RunRequest();
  auto run = std::make_unique<FarCallback>();
  run->calls = this;
  run->callback = in.Number();
  run->context = in.Number();
  usher_run id = 0;
  usher_error error = EmptyError();
  const usher_status status =
      Find<usher_ext_run>(USHER_EXT_RUN)
          ->start(
              host_, &request,
              [](void* context, usher_run ended, const usher_run_result* result, usher_error* why) {
                const FarCallback& self = *static_cast<const FarCallback*>(context);
                return self.calls->RunEnded(self, ended, *result, why);
              },
              run.get(), &id, &error);
  PutOutcome(out, status, error);
  out.Number(id);
  const std::lock_guard lock(mutex_);
  if (status == USHER_OK) runs_.emplace(id, std::move(run));
}

void HostCalls::CancelRun(MessageReader& in, MessageWriter& out) {
  const usher_run run = in.Number();
  out.Signed(Find<usher_ext_run>(USHER_EXT_RUN)->cancel(host_, run));
  const std::lock_guard lock(mutex_);
  runs_.erase(run);
}

usher_status HostCalls::RunEnded(const FarCallback& run, usher_run id,
                                 const usher_run_result& result, usher_error* error) {
  MessageWriter message;
  message.Number(static_cast<uint64_t>(ToPlugin::kRunEnded)).Number(run.callback);
  message.Number(run.context).Number(id);
  PutRunResult(message, result);
  const usher_status status = call_(message, error);
  const std::lock_guard lock(mutex_);
  runs_.erase(id);
  return status;
}

}  // namespace broker
