#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/host_services/launch_request.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

usher_status Start(const usher_host* host, const usher_launch_request* request,
                   usher_launch_callback callback, void* context, usher_launch* launch,
                   usher_error* error) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    if (self.GetPhase() >= Host::Phase::kStopping) return USHER_STOPPED;
    if (request == nullptr || callback == nullptr || launch == nullptr) {
      return USHER_INVALID_ARGUMENT;
    }
    std::string why;
    const usher_status status = self.StartLaunch(*request, {callback, context, {}}, *launch, why);
    if (status != USHER_OK) WriteError(error, why);
    return status;
  });
}

usher_status Stop(const usher_host* host, usher_launch launch) noexcept {
  return OnPluginThread(host, [launch](Host& self) { return self.Launches().Stop(launch); });
}

usher_status Release(const usher_host* host, usher_launch launch) noexcept {
  return OnPluginThread(host, [launch](Host& self) { return self.Launches().Release(launch); });
}

usher_status Settle(const usher_host* host) noexcept {
  return OnPluginThread(host, [](Host& self) {
    const Host::Phase phase = self.GetPhase();
    if (phase >= Host::Phase::kStopping) return USHER_STOPPED;
    if (phase != Host::Phase::kActive) return USHER_INVALID_ARGUMENT;
    self.Launches().Settle();
    return USHER_OK;
  });
}

usher_launch_news LastNews(const PluginLaunches::Agent& agent) {
  if (agent.start) return NewsOf(*agent.start);
  usher_launch_news news = NewsOf(LaunchStart());
  news.meaning = "it is being launched";
  return news;
}

usher_status List(const usher_host* host,
                  void (*callback)(void* context, usher_launch launch, const char* agent,
                                   const char* session_id, const usher_launch_news* news),
                  void* context) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    if (callback == nullptr) return USHER_INVALID_ARGUMENT;
    const auto agents = self.Launches().All();  // The callback may change what there is.
    for (const auto& [id, agent] : agents) {
      const usher_launch_news news = LastNews(agent);
      callback(context, id, agent.name.c_str(), agent.session.c_str(), &news);
    }
    return USHER_OK;
  });
}

usher_status Describe(const usher_host* host, const usher_agent_status* status,
                      usher_error* error) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    if (self.GetPhase() >= Host::Phase::kStopping) return USHER_STOPPED;
    if (status == nullptr) return USHER_INVALID_ARGUMENT;
    std::string why;
    const usher_status result = self.DescribeAgent(*status, why);
    if (result != USHER_OK) WriteError(error, why);
    return result;
  });
}

constexpr usher_ext_launch kTable{
    sizeof(usher_ext_launch), Start, Stop, Release, Settle, List, Describe};

}  // namespace

const usher_ext_launch& LaunchExtension() {
  return kTable;
}

}  // namespace broker
