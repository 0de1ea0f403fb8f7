// The presence plugin: keeps a JSON file that says who is logged on and whether anybody is at the
// machine. README.md describes the file and shows scripts that read it.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <usher/plugin.hpp>

#include "presence_file.h"
#include "presence_json.h"
#include "presence_model.h"

namespace {

constexpr int64_t kDefaultMode = 0644;
constexpr int64_t kGreatestMode = 0777;

std::filesystem::path ReadPath(const usher::Config& config) {
  const auto file = config.GetString("file");
  if (!file) {
    throw usher::Error(USHER_INVALID_ARGUMENT,
                       "configuration key \"file\" is missing: give the absolute path of the JSON "
                       "file to keep, e.g. file = \"/run/usher/presence.json\"");
  }
  std::filesystem::path path(*file);
  if (!path.is_absolute() || !path.has_filename()) {
    throw usher::Error(USHER_INVALID_ARGUMENT, "configuration key \"file\": \"" +
                                                   std::string(*file) +
                                                   "\" must be the absolute path of a file");
  }
  return path;
}

std::filesystem::perms ReadMode(const usher::Config& config) {
  const int64_t mode = config.GetInteger("mode").value_or(kDefaultMode);
  if (mode < 0 || mode > kGreatestMode) {
    throw usher::Error(
        USHER_INVALID_ARGUMENT,
        "configuration key \"mode\": must be from 0o000 to 0o777; write it in octal, "
        "e.g. mode = 0o640");
  }
  return static_cast<std::filesystem::perms>(mode);
}

class PresencePlugin final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    const usher::Config config = host().Config();
    const std::filesystem::path path = ReadPath(config);
    file_.emplace(path, ReadMode(config));
    file_->RemoveLeftovers();
    host().LogInfo("keeping \"" + path.string() + "\"");
  }

  void OnSnapshot(const usher::Snapshot& snapshot) override {
    model_.Take(snapshot);
    stale_ = true;
    WriteIfStale();
  }

  // A write that failed is an error of this event and tried again at the next, whatever it is
  // about.
  void OnEvent(const usher::Event& event) override {
    if (model_.Take(event)) stale_ = true;
    WriteIfStale();
  }

  void OnStop() override { file_->Write(presence::ToJson(model_.Current(), false)); }

 private:
  void WriteIfStale() {
    if (!stale_) return;
    file_->Write(presence::ToJson(model_.Current(), true));
    stale_ = false;
  }

  std::optional<presence::PresenceFile> file_;
  presence::PresenceModel model_;
  bool stale_ = false;
};

}  // namespace

USHER_PLUGIN(PresencePlugin, "org.usher.presence", "1.0.0",
             usher::Events(usher::EventType::kSessionCreated, usher::EventType::kSessionLogon,
                           usher::EventType::kSessionLogoff, usher::EventType::kSessionDestroyed,
                           usher::EventType::kSessionConnected,
                           usher::EventType::kSessionDisconnected, usher::EventType::kSessionLocked,
                           usher::EventType::kSessionUnlocked,
                           usher::EventType::kSessionRemoteControl,
                           usher::EventType::kConsoleSwitched,
                           usher::EventType::kSessionUnknownChange),
             usher::Requires(USHER_EXT_CONFIG));
