#include "daemon/reload.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "dispatch/known_instances.h"
#include "event/text.h"
#include "plugin_host/module_trust.h"
#include "plugin_host/plugin_trial.h"
#include "settings/changes.h"
#include "settings/load.h"

namespace broker {
namespace {

constexpr size_t kMaxDetail = 2048;

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::vector<std::string> NamesOf(const std::vector<ReloadFailure>& failed) {
  std::vector<std::string> names;
  names.reserve(failed.size());
  for (const ReloadFailure& each : failed) names.push_back(each.instance);
  return names;
}

std::vector<std::string> NamesOf(const std::vector<PluginSettings>& plugins) {
  std::vector<std::string> names;
  names.reserve(plugins.size());
  for (const PluginSettings& each : plugins) names.push_back(each.name);
  return names;
}

std::vector<std::string> ToTexts(const std::vector<SettingsError>& errors) {
  std::vector<std::string> texts;
  texts.reserve(errors.size());
  for (const SettingsError& error : errors) texts.push_back(ToString(error));
  return texts;
}

}  // namespace

Reloader::Reloader(Settings running, Parts parts)
    : parts_(parts),
      file_(running.file),
      allow_emit_(running.control.allow_emit),
      running_(std::move(running)),
      thread_([this] { Run(); }) {}

Reloader::~Reloader() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void Reloader::ReloadSoon() {
  const MutexLock lock(mutex_);
  wanted_ = true;
  changed_.NotifyAll();
}

void Reloader::Run() {
  while (true) {
    {
      const MutexLock lock(mutex_);
      while (!wanted_ && !stopping_) changed_.Wait(mutex_);
      if (stopping_) return;
      wanted_ = false;
    }
    Reload();
  }
}

ReloadResult Reloader::Reload() {
  const MutexLock lock(reloading_);
  ReloadResult result;
  Settings wanted;
  try {
    result.errors = Check(wanted);
  } catch (const std::exception& error) {  // No thread can be started, say.
    result.errors = {std::string("the configuration cannot be checked: ") + error.what()};
  }
  if (!result.errors.empty()) {
    Reject(result.errors);
    return result;
  }
  Apply(std::move(wanted), result);
  TellOf(result);
  return result;
}

/// Everything that is wrong; where nothing is, `wanted` is what the file says.
std::vector<std::string> Reloader::Check(Settings& wanted) const {
  const Status trusted = CheckTrustedFile(file_);
  if (trusted.code() == StatusCode::kPermission) {
    return {"the configuration is not trusted: " + trusted.message()};
  }
  LoadedSettings loaded = LoadSettings(file_);
  if (!loaded.errors.empty()) return ToTexts(loaded.errors);
  const auto errors = TryConfiguration(loaded.settings, parts_.probe);
  if (!errors.ok()) return {errors.status().message()};
  wanted = std::move(loaded.settings);
  return ToTexts(errors.value());
}

void Reloader::Note(const std::vector<PluginSettings>& plugins) {
  const Status noted = NoteInstances(parts_.files, running_.state_directory, NamesOf(plugins),
                                     SystemClock().Now().realtime_us)
                           .outcome;
  if (!noted.ok()) Say(Severity::kWarning, WhyNotNoted(noted));
}

void Reloader::Apply(Settings wanted, ReloadResult& result) {
  result.needs_restart = KeepWhatNeedsRestart(running_, wanted);
  const PluginChanges changes = ComparePlugins(running_, wanted);
  Note(wanted.plugins);
  for (AppliedChange& change : parts_.plugins.Apply(wanted, changes)) {
    if (change.outcome.ok()) continue;
    result.failed.push_back({std::move(change.instance), change.outcome.message()});
  }
  allow_emit_ = wanted.control.allow_emit;
  result.started = changes.added;
  result.restarted = changes.changed;
  result.stopped = changes.removed;
  // Who could not be moved is to be tried again.
  if (!result.failed.empty()) wanted.plugin_directory = running_.plugin_directory;
  running_ = std::move(wanted);
  running_.plugins = parts_.plugins.Tables();
}

void Reloader::TellOf(const ReloadResult& result) {
  Details details{{"file", file_}};
  std::string said = "the configuration is reloaded";
  const auto add = [&](const char* key, const char* what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    details.emplace_back(key, ToUtf8(Joined(names), kMaxDetail));
    said.append("; ").append(what).append(" ").append(Joined(names));
  };
  add("started", "started", result.started);
  add("restarted", "restarted", result.restarted);
  add("stopped", "stopped", result.stopped);
  add("failed", "failed:", NamesOf(result.failed));
  Say(Severity::kInfo, said);
  for (const ReloadFailure& failure : result.failed) {
    Say(Severity::kWarning, failure.instance + ": " + failure.error);
  }
  if (!result.needs_restart.empty()) {
    details.emplace_back("needs_restart", Joined(result.needs_restart));
    Say(Severity::kWarning,
        "changes of " + Joined(result.needs_restart) + " take effect once usherd is restarted");
  }
  parts_.announcer.Announce(
      MakeBrokerEvent(EventType::kConfigReloaded, parts_.clock.Now(), std::move(details)));
}

void Reloader::Reject(const std::vector<std::string>& errors) {
  Say(Severity::kError, "the configuration is not reloaded, nothing was changed");
  for (const std::string& error : errors) Say(Severity::kError, error);
  parts_.announcer.Announce(MakeBrokerEvent(EventType::kConfigRejected, parts_.clock.Now(),
                                            {{"file", file_},
                                             {"error", ToUtf8(errors.front(), kMaxDetail)},
                                             {"count", std::to_string(errors.size())}}));
}

void Reloader::Say(Severity severity, const std::string& text) {
  parts_.diagnostics.Log(severity, "usherd", text);
}

}  // namespace broker
