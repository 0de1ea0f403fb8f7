#include "source/factory.h"

#include "platform/linux/logind_source.h"
#include "platform/simulated/session_source.h"
#include "replay/replay_source.h"

namespace broker {

Result<std::unique_ptr<Source>> CreateSource(const Settings& settings, Diagnostics& diagnostics) {
  const std::string& type = settings.source.type;
  if (type == "simulated") return MakeSimulatedSource(settings.source, diagnostics);
  if (type == "replay") return MakeReplaySource(settings, diagnostics);
  if (type == "logind") {
    return std::unique_ptr<Source>(std::make_unique<LogindSource>(ConnectToLogind, diagnostics));
  }
  return Status(StatusCode::kInvalid, "there is no source of type '" + type +
                                          "' on this system; [source] type is \"logind\", "
                                          "\"simulated\" or \"replay\"");
}

}  // namespace broker
