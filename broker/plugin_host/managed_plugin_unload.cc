// The end of an instance's library, and what is told of threads that are still in it.
#include <chrono>
#include <utility>

#include "plugin_host/crash_handler.h"
#include "plugin_host/managed_plugin.h"
#include "plugin_host/run_apart.h"

namespace broker {
namespace {

constexpr std::chrono::milliseconds kUnloadLimit{2000};

}  // namespace

void ManagedPlugin::ForgetBefore() {
  if (before_ != nullptr) Unload(nullptr, std::exchange(before_, nullptr));
}

/// The library's destructors run: they may hang, or crash.
void ManagedPlugin::Unload(std::unique_ptr<Instance> instance,
                           std::shared_ptr<const Module> module) {
  const std::shared_ptr<const LeftThreads> left = module->Left();
  auto gone = std::make_shared<Life>();
  gone->instance = std::move(instance);
  gone->module = std::move(module);
  // The last reference goes there, so none may stay here.
  const auto lease = std::make_shared<SlotLease>(context_.record, settings_.name);
  auto unload = [lease, gone = std::move(gone)]() mutable {
    const CrashThread thread(lease->Slot());
    lease->Slot().Open({PluginCall::kUnload, 0, 0, {}});
    gone.reset();
    lease->Slot().Close();
  };
  if (!RunApart(std::move(unload), kUnloadLimit)) {
    lease->Slot().settled = CallSlot::kAbandoned;  // The end of the process is not its fault.
    Announce(EventType::kPluginOverdue, {{"call", std::string(Name(PluginCall::kUnload))},
                                         {"deadline_ms", std::to_string(kUnloadLimit.count())}});
    KeepLibrary(nullptr);
  } else if (left != nullptr && !left->None()) {
    KeepLibrary(left.get());
  }
}

/// It was not unloaded: threads are in it, or may be; null: its destructors hang.
void ManagedPlugin::KeepLibrary(const LeftThreads* left) {
  if (left != nullptr) TellOfThreads(*left);
  const MutexLock lock(mutex_);
  keeps_library_ = true;
  if (left == nullptr || left->inside != 0) left_behind_ = true;
}

/// What `successor`, which is given up, has kept; it may have been the one strike too many.
void ManagedPlugin::KeepAlso(const ManagedPlugin& successor) {
  if (!successor.KeepsLibrary()) return;
  {
    const MutexLock lock(mutex_);
    keeps_library_ = true;
    left_behind_ = left_behind_ || successor.LeftBehind();
  }
  if (const auto life = Current(); life != nullptr) life->instance->RefreshHealth();
}

void ManagedPlugin::TellOfThreads(const LeftThreads& left) {
  if (left.inside == 0) {
    const std::string who =
        left.unknown == 1 ? "a thread" : std::to_string(left.unknown) + " threads";
    Say(Severity::kWarning,
        "its library stays in memory: " + who + " cannot be asked whether it is in use");
    return;
  }
  const std::string threads =
      left.inside == 1 ? "a thread" : std::to_string(left.inside) + " threads";
  InstanceHealth health(context_, settings_.name, GetStatus().id);
  health.AddStrike(PluginCall::kUnload, {},
                   {StatusCode::kInternal,
                    "it left " + threads +
                        " running, so its library stays in memory: end and join its threads in "
                        "stop() or destroy(), and start none as the library is loaded"});
  // Where it was reloaded, its successor runs already.
  if (const auto life = Current(); life != nullptr) return life->instance->RefreshHealth();
  const InstanceStatus now = health.GetStatus();
  const MutexLock lock(mutex_);
  status_.strikes = now.strikes;
  status_.quarantined_us = now.quarantined_us;
  status_.last_error = now.last_error;
  if (now.quarantined_us != 0) status_.state = PluginState::kQuarantined;
}

bool ManagedPlugin::LeftBehind() const {
  const MutexLock lock(mutex_);
  return left_behind_;
}

bool ManagedPlugin::KeepsLibrary() const {
  const MutexLock lock(mutex_);
  return keeps_library_;
}

}  // namespace broker
