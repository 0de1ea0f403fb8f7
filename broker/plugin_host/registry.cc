#include "plugin_host/registry.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "event/mutex.h"
#include "event/text.h"
#include "plugin_host/instance.h"
#include "plugin_host/module.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForgottenStopDeadline{5000};
constexpr milliseconds kLeastDeadline{200};
constexpr size_t kMaxErrorBytes = 2048;
constexpr const char* kDisabled = "disabled";
constexpr const char* kCopies = "/modules";
constexpr const char* kStorage = "/plugins/";
constexpr const char* kSimulatedStorage = "/simulated-plugins/";

/// What is left of a deadline that several share. Whoever comes late still gets a moment: most
/// plugins need no more.
class Countdown {
 public:
  explicit Countdown(milliseconds whole)
      : least_(std::min(whole, kLeastDeadline)), end_(std::chrono::steady_clock::now() + whole) {}
  [[nodiscard]] milliseconds Left() const {
    const auto left = std::chrono::ceil<milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(left, least_);
  }

 private:
  const milliseconds least_;
  const std::chrono::steady_clock::time_point end_;
};

/// One instance of the configuration. After Stop only `status` is left.
struct Row {
  PluginStatus status;  ///< What does not change while it runs; all of it afterwards.
  std::unique_ptr<Instance> instance;
  std::shared_ptr<Lane> lane;
};

/// An instance that is stuck in a call, and the lane whose thread sits in it. That thread may
/// return into the library's code at any time, so nothing of it may ever be freed: this owns itself
/// until the process ends.
struct Abandoned {
  std::unique_ptr<Instance> instance;
  std::shared_ptr<Lane> lane;
  std::shared_ptr<Abandoned> self;

  static void Keep(std::unique_ptr<Instance> instance, std::shared_ptr<Lane> lane) {
    const auto kept = std::make_shared<Abandoned>();
    kept->instance = std::move(instance);
    kept->lane = std::move(lane);
    kept->self = kept;
  }
};

/// Where instances keep their values. What a simulation stores must not touch the real ones, and
/// does not outlive it.
std::string PrepareStorage(const Settings& settings, bool simulated) {
  if (!simulated) return settings.state_directory + kStorage;
  std::string directory = settings.runtime_directory + kSimulatedStorage;
  std::error_code ignored;  // What is left there is at worst a stale value of another simulation.
  std::filesystem::remove_all(directory, ignored);
  return directory;
}

/// The file that `library` means: a path as it is (relative ones from the configuration's folder),
/// a bare name in the folder of plugins.
std::string FileOf(const Settings& settings, const std::string& library) {
  const std::filesystem::path path(library);
  if (path.has_parent_path()) {
    return (std::filesystem::path(settings.file).parent_path() / path).string();
  }
  const std::string suffix = boost::dll::shared_library::suffix().string();
  return settings.plugin_directory + "/" + library + (library.ends_with(suffix) ? "" : suffix);
}

/// What happened before the instance starts is not history that it would act on, unless it asks.
void LimitReplay(const PluginSettings& plugin, int64_t now_us, LaneOptions& lane) {
  if (plugin.replay_max_age_us == 0) {
    lane.boot_id.clear();
  } else {
    lane.oldest_us = now_us - plugin.replay_max_age_us;
  }
}

PluginStatus StatusOf(const Row& row) {
  PluginStatus status = row.status;
  if (row.instance != nullptr) {
    InstanceStatus now = row.instance->GetStatus();
    status.state = now.state;
    status.strikes = now.strikes;
    const bool up = now.state == PluginState::kRunning;  // It may have been overdue before.
    if (up || !now.last_error.empty()) status.last_error = std::move(now.last_error);
  }
  if (row.lane != nullptr) {
    const LaneProgress progress = row.lane->Progress();
    status.acknowledged = progress.acknowledged;
    status.lag = progress.committed - std::min(progress.committed, progress.acknowledged);
  }
  return status;
}

}  // namespace

class PluginRegistry::Impl {
 public:
  explicit Impl(const HostContext& context) : context_(context) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Load(const Settings& settings, const LaneOptions& lane);
  void Activate(milliseconds deadline);
  std::vector<std::string> Stop(milliseconds deadline);
  [[nodiscard]] std::vector<PluginStatus> List() const;

 private:
  using Modules = std::map<std::string, Result<std::shared_ptr<const Module>>>;

  void LoadOne(const Settings& settings, const PluginSettings& plugin, LaneOptions lane,
               const std::string& storage, Modules& modules, Row& row);
  void ActivateOne(Row& row, milliseconds deadline);
  bool StopOne(Row& row, milliseconds deadline);
  void Disable(Row& row);
  void LoadFailed(Row& row, const Status& why);
  void Note(Row& row, std::string error);
  void Announce(EventType type, const PluginStatus& status, const Details& details);
  void AnnounceOverdue(const PluginStatus& status, const char* call, milliseconds deadline);
  void Say(Severity severity, const PluginStatus& status, const std::string& text);

  const HostContext context_;
  // Rows are added by Load and never removed, so that the main thread may use them without the
  // lock; the lock is for what List sees.
  std::vector<std::unique_ptr<Row>> order_;
  mutable Mutex mutex_;
  std::vector<Row*> rows_ USHER_GUARDED_BY(mutex_);
};

PluginRegistry::Impl::~Impl() {
  Stop(kForgottenStopDeadline);
}

void PluginRegistry::Impl::Load(const Settings& settings, const LaneOptions& lane) {
  const std::string copies = settings.state_directory + kCopies;
  const std::string storage = PrepareStorage(settings, context_.simulated);
  const Status prepared = PrepareCopyDirectory(copies);
  Modules modules;
  for (const PluginSettings& plugin : settings.plugins) {
    auto row = std::make_unique<Row>();
    row->status.instance = plugin.name;
    row->status.library = FileOf(settings, plugin.library);
    if (!plugin.enabled) {
      Disable(*row);
    } else if (!prepared.ok()) {
      LoadFailed(*row, prepared);
    } else {
      LoadOne(settings, plugin, lane, storage, modules, *row);
    }
    const MutexLock lock(mutex_);
    rows_.push_back(row.get());
    order_.push_back(std::move(row));
  }
}

void PluginRegistry::Impl::LoadOne(const Settings& settings, const PluginSettings& plugin,
                                   LaneOptions lane, const std::string& storage, Modules& modules,
                                   Row& row) {
  const std::string& file = row.status.library;
  auto module = modules.find(file);
  if (module == modules.end()) {
    module = modules.emplace(file, Module::Load(file, settings.state_directory + kCopies)).first;
  }
  if (!module->second.ok()) {
    LoadFailed(row, module->second.status());
    return;
  }
  row.instance =
      std::make_unique<Instance>(context_, plugin, module->second.value(), storage + plugin.name);
  row.status.id = row.instance->Info().id;
  row.status.version = row.instance->Info().version;
  lane.instance = plugin.name;
  LimitReplay(plugin, context_.clock.Now().realtime_us, lane);
  row.lane = Lane::Create(std::move(lane), *row.instance,
                          {context_.hub, context_.ring, context_.files, context_.cursors});
  Announce(EventType::kPluginLoaded, row.status, {{"library", file}});
}

/// It will not see what happens from now on, whenever it is enabled again.
void PluginRegistry::Impl::Disable(Row& row) {
  row.status.state = PluginState::kDisabled;
  const Status marked = context_.cursors.Mark(row.status.instance, kDisabled);
  if (marked.ok()) return;
  Say(Severity::kWarning, row.status,
      "that it is disabled cannot be noted, so once enabled it may see events of this time: " +
          marked.message());
}

void PluginRegistry::Impl::LoadFailed(Row& row, const Status& why) {
  const std::string error = ToUtf8(why.message(), kMaxErrorBytes);  // It may quote the library.
  row.status.state = PluginState::kFailed;
  row.status.last_error = error;
  Announce(EventType::kPluginFailed, row.status,
           {{"library", row.status.library}, {"call", "load"}, {"error", error}});
  Say(Severity::kError, row.status, error);
}

void PluginRegistry::Impl::Activate(milliseconds deadline) {
  const Countdown countdown(deadline);
  for (const auto& row : order_) {
    if (row->lane != nullptr) ActivateOne(*row, countdown.Left());
  }
}

void PluginRegistry::Impl::ActivateOne(Row& row, milliseconds deadline) {
  const Status status = row.lane->Activate(deadline);
  if (status.code() != StatusCode::kTimeout) return;  // The instance has told any failure.
  Note(row, status.message());
  AnnounceOverdue(row.status, "activate", deadline);
  Say(Severity::kWarning, row.status, status.message());
}

std::vector<std::string> PluginRegistry::Impl::Stop(milliseconds deadline) {
  const Countdown countdown(deadline);
  std::vector<std::string> stuck;
  std::for_each(order_.rbegin(), order_.rend(), [&](const std::unique_ptr<Row>& row) {
    if (row->lane != nullptr && !StopOne(*row, countdown.Left())) {
      stuck.push_back(row->status.instance);
    }
  });
  return stuck;
}

bool PluginRegistry::Impl::StopOne(Row& row, milliseconds deadline) {
  const bool stopped = row.lane->Stop(deadline);
  if (!stopped) AnnounceOverdue(row.status, "stop", deadline);
  if (!stopped) row.instance->Abandon();
  std::unique_ptr<Instance> instance;
  std::shared_ptr<Lane> lane;
  {
    const MutexLock lock(mutex_);
    row.status = StatusOf(row);
    if (!stopped) row.status.state = PluginState::kFailed;
    if (!stopped) row.status.last_error = "it is stuck in a call and was abandoned";
    instance = std::move(row.instance);
    lane = std::move(row.lane);
  }
  if (!stopped) Abandoned::Keep(std::move(instance), std::move(lane));
  lane.reset();  // It refers to the instance.
  return stopped;
}

std::vector<PluginStatus> PluginRegistry::Impl::List() const {
  const MutexLock lock(mutex_);
  std::vector<PluginStatus> list;
  for (const Row* row : rows_) list.push_back(StatusOf(*row));
  return list;
}

void PluginRegistry::Impl::Note(Row& row, std::string error) {
  const MutexLock lock(mutex_);
  row.status.last_error = std::move(error);
}

void PluginRegistry::Impl::Announce(EventType type, const PluginStatus& status,
                                    const Details& details) {
  Details all{{"instance", status.instance}};
  if (!status.id.empty()) all.emplace_back("id", status.id);
  if (!status.version.empty()) all.emplace_back("version", status.version);
  all.insert(all.end(), details.begin(), details.end());
  context_.announcer.Announce(MakeBrokerEvent(type, context_.clock.Now(), std::move(all)));
}

void PluginRegistry::Impl::AnnounceOverdue(const PluginStatus& status, const char* call,
                                           milliseconds deadline) {
  Announce(EventType::kPluginOverdue, status,
           {{"call", call}, {"deadline_ms", std::to_string(deadline.count())}});
}

void PluginRegistry::Impl::Say(Severity severity, const PluginStatus& status,
                               const std::string& text) {
  context_.diagnostics.Log(severity, "plugin " + status.instance, text);
}

PluginRegistry::PluginRegistry(HostContext context) : impl_(std::make_unique<Impl>(context)) {}
PluginRegistry::~PluginRegistry() = default;

void PluginRegistry::Load(const Settings& settings, const LaneOptions& lane) {
  impl_->Load(settings, lane);
}

void PluginRegistry::Activate(milliseconds deadline) {
  impl_->Activate(deadline);
}

std::vector<std::string> PluginRegistry::Stop(milliseconds deadline) {
  return impl_->Stop(deadline);
}

std::vector<PluginStatus> PluginRegistry::List() const {
  return impl_->List();
}

}  // namespace broker
