#include "isolation/child_host.h"

#include <array>
#include <atomic>
#include <bit>
#include <utility>

#include "isolation/far_host.h"
#include "isolation/far_side.h"
#include "isolation/launch_messages.h"
#include "isolation/plugin_messages.h"
#include "plugin_host/host_services/extensions.h"
#include "plugin_host/module.h"
#include "plugin_host/plugin_call.h"
#include "plugin_host/plugin_text.h"
#include "usher/ext/run.h"
#include "usher/ext/timer.h"

namespace broker {
namespace {

const char* NameOf(ToPlugin call) {
  static constexpr std::array kNames{"describe",    "check_config", "create", "init",
                                     "on_snapshot", "on_event",     "timer",  "stop",
                                     "destroy",     "interrupt",    "run",    "launch"};
  const auto index = static_cast<size_t>(call);
  return index < kNames.size() ? kNames[index] : "unknown";
}

/// The library and its instance, one at a time.
class ChildHost {
 public:
  ChildHost(const std::string& file, const std::string& path)
      : path_(path), library_(Library::OpenFile(file, path)) {}

  void Serve(Channel& parent) {
    FarSide peer(
        parent, [this](MessageReader& request) { return Answer(request); },
        [this](MessageReader&) { return Interrupt(); });
    host_.Use(peer);
    peer.Serve();
  }

 private:
  MessageWriter Answer(MessageReader& request) {
    const auto call = static_cast<ToPlugin>(request.Number());
    return call == ToPlugin::kDescribe ? Describe() : MakeCall(call, request);
  }

  MessageWriter Describe() {
    MessageWriter out;
    Result<PluginInfo> info = library_.ok() ? ReadEntry(library_.value()->Entry(), ExtensionIds())
                                            : Result<PluginInfo>(library_.status());
    out.Signed(static_cast<int32_t>(info.status().code()));
    if (info.ok()) {
      PutInfo(out, info.value());
    } else {
      out.Text((library_.ok() ? "'" + path_ + "' " : "") + info.status().message());
    }
    return out;
  }

  MessageWriter MakeCall(ToPlugin call, MessageReader& in) {
    usher_error error = EmptyError();
    usher_status status = USHER_OK;
    // What throws is caught here: it must not reach across.
    const Status made = CallPlugin(NameOf(call), [&](usher_error*) {
      status = Make(call, in, &error);
      return USHER_OK;
    });
    if (!made.ok()) {
      status = USHER_ERROR;
      WriteError(&error, made.message());
    }
    if (call == ToPlugin::kDestroy) plugin_ = nullptr;
    MessageWriter out;
    PutOutcome(out, status, error);
    return out;
  }

  usher_status Make(ToPlugin call, MessageReader& in, usher_error* error) {
    const usher_plugin* const plugin = plugin_;
    ReceivedCall received(in);
    switch (call) {
      case ToPlugin::kCheckConfig:
        return library_.value()->Entry().descriptor->check_config(host_.Get(), error);
      case ToPlugin::kCreate:
        return Create(error);
      case ToPlugin::kInit:
        return plugin->init(plugin, error);
      case ToPlugin::kOnSnapshot:
        return plugin->on_snapshot == nullptr
                   ? USHER_OK
                   : plugin->on_snapshot(plugin, &received.Snapshot(), error);
      case ToPlugin::kOnEvent:
        return plugin->on_event == nullptr ? USHER_OK
                                           : plugin->on_event(plugin, &received.Event(), error);
      case ToPlugin::kTimer:
        return CallTimer(in, error);
      case ToPlugin::kRunEnded:
        return CallRun(in, received, error);
      case ToPlugin::kLaunchNews:
        return CallLaunch(in, error);
      case ToPlugin::kStop:
        if (plugin->stop != nullptr) plugin->stop(plugin);
        return USHER_OK;
      case ToPlugin::kDestroy:
        plugin->destroy(plugin);
        return USHER_OK;
      default:
        return USHER_INVALID_ARGUMENT;
    }
  }

  usher_status Create(usher_error* error) {
    const usher_plugin* const made = library_.value()->Entry().create(host_.Get(), error);
    if (made == nullptr) return USHER_ERROR;
    if (const Status fit = CheckPlugin(*made); !fit.ok()) {
      WriteError(error, fit.message());
      return USHER_ERROR;
    }
    plugin_ = made;
    return USHER_OK;
  }

  static usher_status CallTimer(MessageReader& in, usher_error* error) {
    // As this process put them into its own call.
    const auto callback = std::bit_cast<usher_timer_callback>(static_cast<uintptr_t>(in.Number()));
    auto* const context = std::bit_cast<void*>(static_cast<uintptr_t>(in.Number()));
    return callback(context, in.Number(), error);
  }

  static usher_status CallRun(MessageReader& in, ReceivedCall& received, usher_error* error) {
    const auto callback = std::bit_cast<usher_run_callback>(static_cast<uintptr_t>(in.Number()));
    auto* const context = std::bit_cast<void*>(static_cast<uintptr_t>(in.Number()));
    const usher_run run = in.Number();
    return callback(context, run, &received.RunResult(), error);
  }

  static usher_status CallLaunch(MessageReader& in, usher_error* error) {
    const auto callback = std::bit_cast<usher_launch_callback>(static_cast<uintptr_t>(in.Number()));
    auto* const context = std::bit_cast<void*>(static_cast<uintptr_t>(in.Number()));
    const usher_launch launch = in.Number();
    ReceivedLaunch received(in);
    return callback(context, launch, &received.News(), error);
  }

  /// The answer is that it has returned: the call that is interrupted waits for it.
  MessageWriter Interrupt() {
    const usher_plugin* const plugin = plugin_;
    if (plugin != nullptr && InterruptOf(*plugin) != nullptr) InterruptOf (*plugin)(plugin);
    return {};
  }

  const std::string path_;
  const Result<std::shared_ptr<const Library>> library_;
  FarHost host_;
  std::atomic<const usher_plugin*> plugin_ = nullptr;
};

}  // namespace

void ServePlugin(const std::string& file, const std::string& path, Channel& parent) {
  ChildHost(file, path).Serve(parent);
}

}  // namespace broker
