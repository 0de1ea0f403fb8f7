// What a changed configuration does to the instances.
#include <algorithm>
#include <exception>
#include <utility>

#include "plugin_host/host_services/left_launches.h"
#include "plugin_host/registry_impl.h"

namespace broker {
namespace {

/// What `body()` answers, or throws: one instance for which there is no thread, say, must not keep
/// the others from what they are to become.
template <class Body>
Status Caught(Body&& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    return {StatusCode::kInternal, error.what()};
  }
}

}  // namespace

std::vector<AppliedChange> PluginRegistry::Impl::Apply(const Settings& settings,
                                                       const PluginChanges& changes) {
  const MutexLock lock(applying_);
  places_.libraries = settings.plugin_directory;
  for (const std::string& instance : changes.removed) Remove(instance);
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  std::vector<AppliedChange> outcomes;
  for (const PluginSettings& table : settings.plugins) {
    if (among(changes.changed, table.name)) {
      outcomes.push_back({table.name, Caught([&] { return Change(table); })});
    } else if (among(changes.added, table.name)) {
      outcomes.push_back({table.name, Caught([&] { return AddNew(table); })});
    }
  }
  PutInOrder(settings);
  if (!stopping_) Follow(settings);
  return outcomes;
}

void PluginRegistry::Impl::Remove(const std::string& instance) {
  const Result<EntryRef> found = Find(instance);
  if (!found.ok()) return;
  // Where the broker stops, its end takes the instance down.
  static_cast<void>(Steer(*found.value(), [&] {
    found.value()->plugin.TakeDown();
    context_.left->End(instance);
    found.value()->retired = true;
    Retire(found.value(), nullptr);
    return Status();
  }));
}

Status PluginRegistry::Impl::AddNew(const PluginSettings& table) {
  const auto entry = std::make_shared<Entry>(context_, table, places_);
  {
    const MutexLock lock(mutex_);
    entries_.push_back(entry);
  }
  return Steer(*entry, [&] {
    if (table.enabled) {
      entry->plugin.LoadWithCare(lane_);
    } else {
      entry->plugin.StayDisabled();
    }
    return BringUp(*entry);
  });
}

Status PluginRegistry::Impl::Change(const PluginSettings& table) {
  const Result<EntryRef> found = Find(table.name);
  if (!found.ok()) return found.status();
  Entry& before = *found.value();
  const auto after = std::make_shared<Entry>(context_, table, places_);
  return Steer(before, [&] {
    Status succeeded = after->plugin.Succeed(before.plugin, lane_);
    if (!succeeded.ok()) {
      return succeeded.Annotate("the change is not applied");
    }
    before.retired = true;
    Retire(found.value(), after);
    return Steer(*after, [&] { return BringUp(*after); });
  });
}

/// Unless it is not to run.
Status PluginRegistry::Impl::BringUp(Entry& entry) {
  const PluginState state = entry.plugin.GetStatus().state;
  if (state == PluginState::kDisabled || state == PluginState::kQuarantined) return {};
  return entry.plugin.Activate(kSteeringDeadline);
}

/// Puts `successor`, which may be none, into the entry's place. Where a thread is still inside, or
/// may be, nothing of it is ever freed.
void PluginRegistry::Impl::Retire(const EntryRef& entry, const EntryRef& successor) {
  const MutexLock lock(mutex_);
  const auto place = std::ranges::find(entries_, entry);
  if (entry->plugin.LeftBehind() || entry->plugin.KeepsLibrary()) kept_.push_back(entry);
  if (successor == nullptr) {
    entries_.erase(place);
  } else {
    *place = successor;
  }
}

void PluginRegistry::Impl::PutInOrder(const Settings& settings) {
  const auto place = [&settings](const EntryRef& entry) {
    const std::string& name = entry->plugin.Settings().name;
    return std::ranges::find(settings.plugins, name, &PluginSettings::name);
  };
  const MutexLock lock(mutex_);
  std::ranges::stable_sort(entries_, {}, place);
}

std::vector<PluginSettings> PluginRegistry::Impl::Tables() const {
  std::vector<PluginSettings> tables;
  for (const EntryRef& entry : Entries()) tables.push_back(entry->plugin.Settings());
  return tables;
}

}  // namespace broker
