#include "isolation/remote_module.h"

#include <chrono>
#include <map>
#include <utility>

#include "isolation/child_process.h"
#include "isolation/far_side.h"
#include "isolation/host_calls.h"
#include "isolation/plugin_messages.h"
#include "plugin_host/module_trust.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

constexpr std::chrono::seconds kEnd{2};
constexpr int kNoProgram = 127;  // As a shell has it.

MessageWriter Begin(ToPlugin call) {
  MessageWriter message;
  message.Number(static_cast<uint64_t>(call));
  return message;
}

/// The instance in the child, as a plugin of this process.
class RemoteModule final : public Module {
 public:
  RemoteModule(PluginInfo info, std::unique_ptr<ChildConnection> connection)
      : Module(std::move(info)), remote_(std::make_unique<Remote>(std::move(connection))) {}

  usher_status CheckConfig(const usher_host* host, usher_error* error) const override {
    if (!Info().checks_config) return USHER_OK;
    remote_->connection->host.Use(host);
    return remote_->Call(Begin(ToPlugin::kCheckConfig), error);
  }

  const usher_plugin* Create(const usher_host* host, usher_error* error) const override {
    remote_->connection->host.Use(host);
    return remote_->Call(Begin(ToPlugin::kCreate), error) == USHER_OK ? &remote_->plugin : nullptr;
  }

 private:
  struct Remote {
    usher_plugin plugin{};
    const std::unique_ptr<ChildConnection> connection;

    explicit Remote(std::unique_ptr<ChildConnection> made) : connection(std::move(made)) {
      plugin.size = sizeof plugin;
      plugin.plugin_data = this;
      plugin.init = [](const usher_plugin* self, usher_error* error) {
        return Of(self).Call(Begin(ToPlugin::kInit), error);
      };
      plugin.on_snapshot = [](const usher_plugin* self, const usher_snapshot* snapshot,
                              usher_error* error) {
        MessageWriter message = Begin(ToPlugin::kOnSnapshot);
        PutSnapshot(message, *snapshot);
        return Of(self).Call(message, error);
      };
      plugin.on_event = [](const usher_plugin* self, const usher_event* event, usher_error* error) {
        MessageWriter message = Begin(ToPlugin::kOnEvent);
        PutEvent(message, *event);
        return Of(self).Call(message, error);
      };
      plugin.stop = [](const usher_plugin* self) {
        Of(self).Call(Begin(ToPlugin::kStop), nullptr);
      };
      plugin.destroy = [](const usher_plugin* self) {
        Of(self).Call(Begin(ToPlugin::kDestroy), nullptr);
      };
      plugin.interrupt = [](const usher_plugin* self) {
        static_cast<void>(
            Of(self).connection->peer.Call(CallLane::kApart, Begin(ToPlugin::kInterrupt)));
      };
    }

    static Remote& Of(const usher_plugin* plugin) {
      return *static_cast<Remote*>(plugin->plugin_data);
    }

    usher_status Call(const MessageWriter& message, usher_error* error) const {
      return connection->Call(message, error);
    }
  };

  const std::unique_ptr<Remote> remote_;
};

}  // namespace

ChildConnection::ChildConnection(std::unique_ptr<ChildProcess> started)
    : child(std::move(started)),
      host([this](const MessageWriter& message, usher_error* error) {
        return Call(message, error);
      }),
      peer(child->GetChannel(), [this](MessageReader& request) { return host.Answer(request); }) {}

ChildConnection::~ChildConnection() {
  child->Kill();
  child->GetChannel().Shutdown();  // Ends what the peer reads, whoever the child has left it to.
}

usher_status ChildConnection::Call(const MessageWriter& message, usher_error* error) {
  const Result<std::string> answer = peer.Call(CallLane::kPlugin, message);
  if (!answer.ok()) {
    WriteError(error, HowItEnded(answer.status()));
    return USHER_ERROR;
  }
  MessageReader reader(answer.value());
  return TakeOutcome(reader, error);
}

std::string ChildConnection::HowItEnded(const Status& why) {
  if (why.code() == StatusCode::kTimeout) {
    child->Kill();
    return "it took too long and was ended";
  }
  const auto end = child->Wait(std::chrono::steady_clock::now() + kEnd);
  if (!end) return "its process does not answer any more";
  if (end->code == kNoProgram) return "its process could not be started; is Usher installed whole?";
  if (end->code) return "its process ended with exit code " + std::to_string(*end->code);
  return "its process was ended by " + end->signal;
}

namespace {

/// `cutoff` may be null.
Result<std::shared_ptr<const Module>> LoadWithin(const std::string& program,
                                                 const std::string& copy, const std::string& path,
                                                 Condition::TimePoint deadline, Cutoff* cutoff) {
  auto child = ChildProcess::Start({program, {copy, path}, {}});
  if (!child.ok()) return child.status();
  auto connection = std::make_unique<ChildConnection>(std::move(child).value());
  connection->peer.SetDeadline(deadline);
  if (cutoff != nullptr) connection->lease.emplace(*cutoff, connection->peer);
  const Result<std::string> answer =
      connection->peer.Call(CallLane::kPlugin, Begin(ToPlugin::kDescribe));
  if (!answer.ok()) {
    return Status(StatusCode::kInvalid,
                  "'" + path + "' cannot be loaded: " + connection->HowItEnded(answer.status()));
  }
  MessageReader reader(answer.value());
  const auto code = static_cast<StatusCode>(reader.Signed());
  if (code != StatusCode::kOk) return Status(code, std::string(reader.Text()));
  PluginInfo info = TakeInfo(reader);
  return std::shared_ptr<const Module>(
      std::make_shared<RemoteModule>(std::move(info), std::move(connection)));
}

}  // namespace

Result<std::shared_ptr<const Module>> LoadInChild(const std::string& program,
                                                  const std::string& path,
                                                  const std::string& copies) {
  Result<std::string> copied = CopyTrusted(path, copies);
  if (!copied.ok()) return copied.status();
  const ScopedFile copy(std::move(copied).value());
  return LoadWithin(program, copy.Path(), path, Condition::TimePoint::max(), nullptr);
}

Result<std::shared_ptr<const Module>> LoadCopyInChild(const std::string& program,
                                                      const std::string& copy,
                                                      const std::string& path,
                                                      Condition::TimePoint deadline,
                                                      Cutoff& cutoff) {
  return LoadWithin(program, copy, path, deadline, &cutoff);
}

}  // namespace broker
