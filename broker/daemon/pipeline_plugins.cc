#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "daemon/pipeline.h"
#include "dispatch/known_instances.h"
#include "isolation/child_probe.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kActivateDeadline{10000};
constexpr milliseconds kBlameDeadline{1000};
constexpr milliseconds kLoggedPoll{2};
// How often it is looked whether the start should go on.
constexpr milliseconds kStopLook{20};

Status StoppedMeanwhile() {
  return {StatusCode::kStopped, "somebody asked to stop while the broker was starting"};
}

}  // namespace

const Clock& Pipeline::PluginClock() {
  const Clock& clock = source_->SourceClock();
  if (source_->Capabilities().real) return clock;
  reached_ = std::make_unique<ReachedClock>(clock, [this] { return pump_->Busy(); });
  return *reached_;
}

Status Pipeline::StartPlugins() {
  if (service_.StopAsked()) return StoppedMeanwhile();
  cursors_ = std::make_unique<CursorStore>(*files_, settings_.state_directory + "/cursors");
  health_ = std::make_unique<HealthStore>(*files_, settings_.state_directory + "/health");
  const std::vector<std::string> removed = NotePlugins();
  StartCrashRecord();
  HostContext context{*files_,    diagnostics_, *pump_,       PluginClock(),
                      committed_, hub_,         log_->Ring(), *cursors_};
  context.simulated = !source_->Capabilities().real;
  context.health = health_.get();
  context.record = record_.get();
  probe_ = std::make_unique<ChildProbe>(PluginHostProgram());
  context.probe = probe_.get();
  MakeActors(context);
  context.agents = &agents_;
  plugins_ = std::make_unique<PluginRegistry>(context);
  LaneOptions lane;
  lane.log_directory = settings_.log.directory;
  lane.boot_id = machine_.boot_id;
  // Also after a clean end: a plugin that was left behind may have been in the middle of an event.
  lane.redelivered_through = recovery_.sessions.as_of;
  plugins_->EndAgentsOf(removed);
  BringUpPlugins(lane);
  return service_.StopAsked() ? StoppedMeanwhile() : Status();
}

/// Who does what plugins want done. A source whose sessions are not the system's has its own.
void Pipeline::MakeActors(HostContext& context) {
  runner_ = source_->OwnRunner();
  if (runner_ == nullptr) runner_ = CreateRunner(context.simulated, diagnostics_);
  context.runner = runner_.get();
  actor_ = CreateSessionActor(context.simulated, diagnostics_);
  context.actor = actor_.get();
  launcher_ = source_->OwnLauncher();
  if (launcher_ == nullptr) {
    launcher_ = CreateLauncher(context.simulated, {source_->SourceClock(), diagnostics_});
  }
  context.launcher = launcher_.get();
}

/// Whoever asks to stop meanwhile need not wait for plugins that take their time.
void Pipeline::BringUpPlugins(const LaneOptions& lane) {
  std::mutex mutex;
  std::condition_variable_any end;
  const std::jthread watch([&](const std::stop_token& up) {
    std::unique_lock lock(mutex);
    while (!up.stop_requested()) {
      // Again and again: one plugin may be between two calls, or follow upon another.
      if (service_.StopAsked()) plugins_->PrepareToStop();
      end.wait_for(lock, up, kStopLook, [] { return false; });
    }
  });
  plugins_->Load(settings_, lane);
  // A plugin may end the broker at once again: who did before must be in the log by then.
  if (record_ != nullptr && !record_->Blamed().empty()) WaitUntilLogged();
  StartDelay();  // Before plugins take their time: nobody waits for those that are not up.
  plugins_->Activate(kActivateDeadline);
}

void Pipeline::StartDelay() {
  delay_ = std::make_unique<SystemDelay>(
      SystemDelay::Parts{hub_, *source_, *pump_, diagnostics_,
                         [this](EventType type, Seq seq) { return plugins_->Owing(type, seq); },
                         [this](milliseconds timeout) { return pump_->Sync(timeout); }});
}

/// Which instances are not configured any more.
std::vector<std::string> Pipeline::NotePlugins() {
  std::vector<std::string> configured;
  for (const PluginSettings& plugin : settings_.plugins) configured.push_back(plugin.name);
  NotedInstances noted = NoteInstances(*files_, settings_.state_directory, configured,
                                       SystemClock().Now().realtime_us);
  if (!noted.outcome.ok()) {
    diagnostics_.Log(Severity::kWarning, "usherd", WhyNotNoted(noted.outcome));
  }
  return std::move(noted.missing);
}

/// Without it everything works, but for the blame after a crash.
void Pipeline::StartCrashRecord() {
  auto record = CrashRecord::Open(settings_.state_directory + "/crash-record", system_boot_id_);
  if (!record.ok()) {
    diagnostics_.Log(Severity::kWarning, "usherd",
                     "a plugin that crashes will not be known: " + record.status().message());
    return;
  }
  record_ = std::move(record).value();
  crash_handler_ = InstallCrashHandler(*record_);
}

void Pipeline::WaitUntilLogged() {
  const auto deadline = steady_clock::now() + kBlameDeadline;
  while (steady_clock::now() < deadline && pump_->Busy()) std::this_thread::sleep_for(kLoggedPoll);
}

}  // namespace broker
