#include "daemon/pipeline.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "daemon/lock_names.h"
#include "daemon/state_version.h"
#include "eventlog/segments.h"
#include "source/factory.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kLogCannotBeOpened = "the event log cannot be opened";

constexpr uint32_t kStateDirectory = 0750;
constexpr uint32_t kPublicDirectory = 0755;

// A system that does not answer by then is reconciled when it does; plugins need not wait for it.
constexpr milliseconds kFirstSnapshotTimeout{3000};
constexpr milliseconds kStopDeadline{6000};
constexpr milliseconds kDrainDeadline{3000};
constexpr milliseconds kDrainPoll{2};
// How long a start waits for the disk before it says so, and until it gives up.
constexpr std::chrono::seconds kSlowDisk{2};
constexpr std::chrono::seconds kDiskPatience{20};
// How often the start looks whether it should go on.
constexpr milliseconds kStopLook{20};

Event BrokerStarted(const LogRecovery& recovery, Timestamp now) {
  Details details{{"version", USHER_VERSION}};
  if (recovery.last_time_us != 0) {
    const int64_t unwatched_us = std::max<int64_t>(now.realtime_us - recovery.last_time_us, 0);
    details.emplace_back("unwatched_us", std::to_string(unwatched_us));
    details.emplace_back("clean", recovery.clean_end ? "yes" : "no");
  }
  return MakeBrokerEvent(EventType::kBrokerStarted, now, std::move(details));
}

SyncMode ModeOf(SyncSetting sync) {
  switch (sync) {
    case SyncSetting::kAlways:
      return SyncMode::kAlways;
    case SyncSetting::kInterval:
      return SyncMode::kInterval;
    case SyncSetting::kNever:
      return SyncMode::kNever;
  }
  return SyncMode::kAlways;
}

LogOptions OptionsOf(const LogSettings& settings) {
  LogOptions options;
  options.directory = settings.directory;
  options.segment_bytes = settings.segment_bytes;
  options.total_bytes = settings.total_bytes;
  options.sync = ModeOf(settings.sync);
  options.sync_interval = std::chrono::microseconds(settings.sync_interval_us);
  options.segment_age_us = settings.segment_age_us;
  options.total_age_us = settings.total_age_us;
  return options;
}

Event LogDamaged(Timestamp now, const std::string& what, const std::string& file, uint64_t count) {
  return MakeBrokerEvent(EventType::kLogDamaged, now,
                         {{"what", what}, {"file", file}, {"count", std::to_string(count)}});
}

}  // namespace

Pipeline::Pipeline(Settings settings, std::unique_ptr<FileSystem> files, Service& service,
                   Diagnostics& diagnostics)
    : settings_(std::move(settings)),
      service_(service),
      diagnostics_(diagnostics),
      files_(std::move(files)) {}

Pipeline::~Pipeline() {
  // A plugin that is still inside a call needs all of this.
  if (!Stop()) std::_Exit(EXIT_FAILURE);
}

Status Pipeline::Start() {
  Status status = Patiently([this] {
    Status taken = TakeDirectories();
    return taken.ok() ? LockLog() : taken;
  });
  if (status.ok()) status = MakeSource();
  if (status.ok()) status = Patiently([this] { return OpenLog(); });
  if (status.ok()) status = StartSource();
  if (status.ok()) status = StartPlugins();
  if (status.ok()) status = StartControl();
  if (!status.ok()) return status;
  source_->ListenersReady();
  service_.Ready("following " + source_->Name());
  return {};
}

/// Does what a disk that does not answer would never let return. Where it does not return, this
/// pipeline cannot be taken down any more.
Status Pipeline::Patiently(std::function<Status()> work) {
  std::packaged_task<Status()> task(std::move(work));
  std::future<Status> done = task.get_future();
  std::thread(std::move(task)).detach();
  const std::string disks =
      "the disk of '" + settings_.log.directory + "' or of '" + settings_.state_directory + "'";
  if (done.wait_for(kSlowDisk) == std::future_status::ready) return done.get();
  diagnostics_.Log(Severity::kWarning, "usherd", disks + " is slow to answer; waiting");
  if (done.wait_for(kDiskPatience - kSlowDisk) == std::future_status::ready) return done.get();
  stuck_ = true;
  return {StatusCode::kIo,
          disks + " has not answered for " + std::to_string(kDiskPatience.count()) +
              " s: see whether it is frozen or fails, or choose another directory"};
}

Status Pipeline::TakeDirectories() {
  Status status = files_->MakeDirectories(settings_.state_directory, kStateDirectory);
  if (status.ok()) status = files_->MakeDirectories(settings_.runtime_directory, kPublicDirectory);
  if (!status.ok()) return status;
  Result<std::unique_ptr<FileLock>> lock =
      files_->Lock(PathIn(settings_.state_directory, kStateLockName));
  if (!lock.ok()) {
    if (lock.status().code() != StatusCode::kExists) return lock.status();
    return {StatusCode::kExists, "another usherd runs on the state directory '" +
                                     settings_.state_directory +
                                     "'; stop it, or give this one a state_directory of its own"};
  }
  lock_ = std::move(lock).value();
  Status known = CheckStateVersion(*files_, settings_.state_directory);
  if (!known.ok()) return known;
  RemoveLeftovers();
  Result<Machine> machine = ReadMachine();
  if (!machine.ok()) return machine.status();
  machine_ = std::move(machine).value();
  system_boot_id_ = machine_.boot_id;
  return {};
}

/// What a killed broker was writing; with the lock nobody else does.
void Pipeline::RemoveLeftovers() {
  const std::string& state = settings_.state_directory;
  for (const char* const name : {"/cursors", "/health"}) RemoveTemporaries(*files_, state + name);
  const std::string storage = state + "/storage";
  const Result<std::vector<std::string>> instances = files_->List(storage);
  if (!instances.ok()) return;
  for (const std::string& instance : instances.value()) {
    RemoveTemporaries(*files_, PathIn(storage, instance));
  }
}

Status Pipeline::LockLog() {
  const std::string& directory = settings_.log.directory;
  Status made = files_->MakeDirectories(directory, kStateDirectory);
  if (made.ok()) made = ShareWithReaders(directory);
  if (!made.ok()) return made.Annotate(kLogCannotBeOpened);
  Result<std::unique_ptr<FileLock>> lock = files_->Lock(PathIn(directory, kLogLockName));
  if (!lock.ok()) {
    if (lock.status().code() != StatusCode::kExists) {
      return lock.status().Annotate(kLogCannotBeOpened);
    }
    return {StatusCode::kExists, std::string(kLogCannotBeOpened) +
                                     ": another usherd writes the event log in '" + directory +
                                     "'; give this one a directory of its own"};
  }
  log_lock_ = std::move(lock).value();
  return {};
}

Status Pipeline::MakeSource() {
  Result<std::unique_ptr<Source>> source = CreateSource(settings_, diagnostics_);
  if (!source.ok()) {
    settings_are_wrong_ = IsForSettings(source.status());
    return source.status();
  }
  source_ = std::move(source).value();
  if (std::string boot_id = source_->BootId(); !boot_id.empty()) {
    machine_.boot_id = std::move(boot_id);
  }
  if (std::string machine_id = source_->MachineId(); !machine_id.empty()) {
    machine_.machine_id = std::move(machine_id);
  }
  return {};
}

Status Pipeline::OpenLog() {
  Result<std::unique_ptr<LogWriter>> log =
      LogWriter::Open(*files_, OptionsOf(settings_.log), machine_, recovery_);
  if (!log.ok()) return log.status().Annotate(kLogCannotBeOpened);
  log_ = std::move(log).value();
  return {};
}

Status Pipeline::StartSource() {
  table_.Restore(recovery_.sessions);
  committed_.Restore(recovery_.sessions);
  normalizer_ = std::make_unique<Normalizer>(table_, machine_.boot_id, source_->Name(),
                                             source_->Capabilities());
  pump_ = std::make_unique<EventPump>(
      EventPump::Stages{*source_, table_, *normalizer_, *log_, committed_, hub_, diagnostics_},
      [this] { service_.RequestStop(); },
      Heartbeat{service_.AliveInterval(), [this] { service_.Alive(); }});
  started_ = true;
  std::vector<Event> first = FirstEvents();
  source_->Remember(table_.All());
  pump_->Start(std::move(first));
  Status status = source_->Start(pump_->Sink());
  if (!status.ok()) return status.Annotate("the source '" + source_->Name() + "' cannot start");
  if (!WaitForSnapshot() && !service_.StopAsked()) {
    diagnostics_.Log(
        Severity::kWarning, "source",
        "'" + source_->Name() + "' has not said yet which sessions there are; going on without");
  }
  return {};
}

/// False when the source does not answer in time, or somebody asks to stop.
bool Pipeline::WaitForSnapshot() {
  const auto deadline = steady_clock::now() + kFirstSnapshotTimeout;
  while (steady_clock::now() < deadline && !service_.StopAsked()) {
    if (pump_->WaitForSnapshot(kStopLook)) return true;
  }
  return false;
}

std::vector<Event> Pipeline::FirstEvents() {
  const Timestamp now = source_->SourceClock().Now();
  std::vector<Event> events{BrokerStarted(recovery_, now)};
  if (recovery_.torn_bytes != 0) {
    events.push_back(
        LogDamaged(now, "torn tail cut off, bytes", recovery_.torn_file, recovery_.torn_bytes));
  }
  if (recovery_.damaged_lines != 0) {
    events.push_back(LogDamaged(now, "damaged lines skipped", "", recovery_.damaged_lines));
  }
  if (recovery_.reservation_lost) {
    events.push_back(
        LogDamaged(now, "numbers were skipped: which were reserved is not known", "reserved", 1));
  }
  table_.Apply(events.front());
  normalizer_->EndForeignBoot(now, events);
  return events;
}

Status Pipeline::StartControl() {
  reloader_ = std::make_unique<Reloader>(
      settings_,
      Reloader::Parts{*plugins_, *probe_, *pump_, source_->SourceClock(), *files_, diagnostics_});
  status_ = std::make_unique<BrokerStatus>(BrokerStatus::Parts{
      settings_, *source_, *pump_, committed_, *plugins_, agents_, *reloader_, log_->Ring()});
  Result<std::unique_ptr<ControlListener>> listener = Listen(settings_.control.socket);
  if (!listener.ok()) return listener.status().Annotate("the control socket cannot be opened");
  control_ = std::make_unique<ControlServer>(std::move(listener).value(), *status_, diagnostics_);
  return control_->Start();
}

void Pipeline::Reload() {
  reloader_->ReloadSoon();
}

bool Pipeline::Stop() {
  if (!started_) return !stuck_;
  started_ = false;
  service_.Stopping();
  if (plugins_ != nullptr) plugins_->PrepareToStop();
  delay_.reset();
  control_.reset();
  status_.reset();
  reloader_.reset();
  source_->Stop();
  AnnounceStopping();
  std::vector<std::string> stuck;
  if (plugins_ != nullptr) {
    WaitUntilDelivered();
    stuck = plugins_->Stop(kStopDeadline);
  }
  const bool closed = pump_->Stop();
  if (!closed) {
    diagnostics_.Log(Severity::kError, "eventlog", "the disk does not answer; it is left behind");
  }
  for (const std::string& instance : stuck) {
    diagnostics_.Log(Severity::kError, "plugin " + instance,
                     "a thread is still inside it; it is left behind");
  }
  return stuck.empty() && closed;
}

void Pipeline::AnnounceStopping() {
  Event stopping = MakeBrokerEvent(EventType::kBrokerStopping, source_->SourceClock().Now());
  stopping.reason = pump_->GetStatus().source_trouble;
  source_failed_ = !stopping.reason.empty();
  pump_->Announce(std::move(stopping));
}

bool Pipeline::GaveUpEvents() const {
  return pump_ != nullptr && pump_->GivenUp() != 0;
}

bool Pipeline::KeepsLibraries() const {
  return plugins_ != nullptr && plugins_->KeepsLibraries();
}

void Pipeline::WaitUntilDelivered() {
  const auto deadline = steady_clock::now() + kDrainDeadline;
  // What was left open may stay so for long, and comes again.
  const auto waits = [this] {
    for (const PluginStatus& plugin : plugins_->List()) {
      if (plugin.state == PluginState::kRunning && plugin.undelivered != 0) return true;
    }
    return false;
  };
  while (steady_clock::now() < deadline && (pump_->Busy() || waits())) {
    std::this_thread::sleep_for(kDrainPoll);
  }
}

}  // namespace broker
