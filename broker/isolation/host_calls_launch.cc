#include <utility>

#include "isolation/host_calls.h"
#include "isolation/launch_messages.h"

namespace broker {

void HostCalls::CallLaunch(ToHost call, MessageReader& in, MessageWriter& out) {
  const auto* const table = Find<usher_ext_launch>(USHER_EXT_LAUNCH);
  switch (call) {
    case ToHost::kStartLaunch:
      return StartLaunch(in, out);
    case ToHost::kStopLaunch:
      out.Signed(table->stop(host_, in.Number()));
      return;
    case ToHost::kReleaseLaunch:
      return ReleaseLaunch(in.Number(), out);
    case ToHost::kSettleLaunches:
      out.Signed(table->settle(host_));
      return;
    case ToHost::kListLaunches:
      return ListLaunches(out);
    default:
      return DescribeAgent(in, out);
  }
}

void HostCalls::StartLaunch(MessageReader& in, MessageWriter& out) {
  ReceivedLaunch call(in);
  const usher_launch_request& request = call.Request();
  auto launch = std::make_unique<FarCallback>();
  launch->calls = this;
  launch->callback = in.Number();
  launch->context = in.Number();
  usher_launch id = 0;
  usher_error error = EmptyError();
  const auto told = [](void* context, usher_launch about, const usher_launch_news* news,
                       usher_error* why) {
    const FarCallback& self = *static_cast<const FarCallback*>(context);
    return self.calls->LaunchTold(self, about, *news, why);
  };
  const usher_status status = Find<usher_ext_launch>(USHER_EXT_LAUNCH)
                                  ->start(host_, &request, told, launch.get(), &id, &error);
  PutOutcome(out, status, error);
  out.Number(id);
  const std::lock_guard lock(mutex_);
  if (status == USHER_OK) launches_.emplace(id, std::move(launch));
}

void HostCalls::ReleaseLaunch(usher_launch launch, MessageWriter& out) {
  out.Signed(Find<usher_ext_launch>(USHER_EXT_LAUNCH)->release(host_, launch));
  const std::lock_guard lock(mutex_);
  launches_.erase(launch);
}

void HostCalls::ListLaunches(MessageWriter& out) {
  struct Listed {
    MessageWriter rows;
    uint64_t count = 0;
  } listed;
  const auto add = [](void* context, usher_launch launch, const char* agent, const char* session_id,
                      const usher_launch_news* news) {
    Listed& all = *static_cast<Listed*>(context);
    ++all.count;
    all.rows.Number(launch);
    PutText(all.rows, agent);
    PutText(all.rows, session_id);
    PutLaunchNews(all.rows, *news);
  };
  const usher_status status = Find<usher_ext_launch>(USHER_EXT_LAUNCH)->list(host_, add, &listed);
  out.Signed(status).Number(listed.count).Append(listed.rows);
}

void HostCalls::DescribeAgent(MessageReader& in, MessageWriter& out) {
  ReceivedLaunch call(in);
  usher_error error = EmptyError();
  const usher_status status =
      Find<usher_ext_launch>(USHER_EXT_LAUNCH)->describe(host_, &call.Status(), &error);
  PutOutcome(out, status, error);
}

usher_status HostCalls::LaunchTold(const FarCallback& launch, usher_launch id,
                                   const usher_launch_news& news, usher_error* error) {
  MessageWriter message;
  message.Number(static_cast<uint64_t>(ToPlugin::kLaunchNews)).Number(launch.callback);
  message.Number(launch.context).Number(id);
  PutLaunchNews(message, news);
  const usher_status status = call_(message, error);
  const std::lock_guard lock(mutex_);
  if (news.change != USHER_LAUNCH_STARTED) launches_.erase(id);
  return status;
}

}  // namespace broker
