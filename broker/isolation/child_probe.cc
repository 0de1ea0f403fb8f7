#include "isolation/child_probe.h"

#include <filesystem>
#include <system_error>

#include <boost/dll/runtime_symbol_info.hpp>

#include "dispatch/hub.h"
#include "isolation/remote_module.h"
#include "plugin_host/config_check.h"

namespace broker {
namespace {

constexpr const char* kProgram = "usher-plugin-host";

class NoDiagnostics final : public Diagnostics {
 public:
  void Log(Severity /*severity*/, std::string_view /*component*/,
           std::string_view /*text*/) noexcept override {}
};

class NoAnnouncer final : public Announcer {
 public:
  void Announce(Event /*event*/) noexcept override {}
};

/// What a check needs of a broker: nothing happens in it.
class EmptyBroker {
 public:
  [[nodiscard]] const HostContext& Context() const { return context_; }

 private:
  const std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  NoDiagnostics diagnostics_;
  NoAnnouncer announcer_;
  SystemClock clock_;
  CommittedSessions sessions_;
  Hub hub_;
  EventRing ring_;
  CursorStore cursors_{*files_, {}};
  const HostContext context_{*files_,   diagnostics_, announcer_, clock_,
                             sessions_, hub_,         ring_,      cursors_};
};

}  // namespace

std::vector<SettingsError> ChildProbe::Probe(const PluginSettings& settings,
                                             const std::string& copy,
                                             const std::string& path) const {
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  const auto failed = [&settings](const std::string& why) {
    return std::vector<SettingsError>{{settings.position, "plugins." + settings.name, why}};
  };
  const auto module = LoadCopyInChild(program_, copy, path, deadline, cutoff_);
  const EmptyBroker broker;
  std::vector<SettingsError> errors = module.ok()
                                          ? CheckConfig(broker.Context(), settings, *module.value())
                                          : failed(module.status().message());
  if (!errors.empty() && cutoff_.IsCut()) {
    return failed("'" + path + "' was not tried to the end, as the broker stops");
  }
  return errors;
}

std::string PluginHostProgram() {
  std::error_code ignored;  // Where there is none, who starts it says so.
  const std::filesystem::path self = boost::dll::program_location().string();
  const std::filesystem::path beside = self.parent_path() / (kProgram + self.extension().string());
  return std::filesystem::exists(beside, ignored)
             ? beside.string()
             : std::string(USHER_LIBEXEC_DIRECTORY) + "/" + kProgram;
}

}  // namespace broker
