#include "plugin_host/plugin_loader.h"

#include <chrono>
#include <utility>

#include "plugin_host/config_probe.h"
#include "plugin_host/crash_handler.h"
#include "plugin_host/file_stamp.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

constexpr std::chrono::milliseconds kSettle{3000};

}  // namespace

Result<std::shared_ptr<const Module>> PluginLoader::Load() const {
  Result<std::string> copied = CopyTrusted(file_, copies_);
  if (!copied.ok()) return copied.status();
  return Map(ScopedFile(std::move(copied).value()));
}

/// What is tried is what is loaded, whatever becomes of the file meanwhile.
Result<std::shared_ptr<const Module>> PluginLoader::LoadWithCare() const {
  Result<ScopedFile> copy = CopySettled();
  if (!copy.ok()) return copy.status();
  if (context_.probe != nullptr) {
    const Status probed = ToStatus(context_.probe->Probe(settings_, copy->Path(), file_));
    if (!probed.ok()) return probed;
  }
  return Map(std::move(copy).value());
}

Result<ScopedFile> PluginLoader::CopySettled() const {
  const Result<FileStamp> before =
      WaitUntilSettled(file_, std::chrono::steady_clock::now() + kSettle);
  if (!before.ok()) return before.status();
  Result<std::string> copied = CopyTrusted(file_, copies_);
  if (!copied.ok()) return copied.status();
  ScopedFile copy(std::move(copied).value());
  const Result<FileStamp> after = StampOf(file_);
  if (after.ok() && after.value() == before.value()) return copy;
  return Status(StatusCode::kUnavailable,
                "'" + file_ + "' was changed while it was copied; try again");
}

/// The library's constructors run.
Result<std::shared_ptr<const Module>> PluginLoader::Map(ScopedFile copy) const {
  SlotLease lease(context_.record, settings_.name);
  const CrashThread thread(lease.Slot());
  lease.Slot().Open({PluginCall::kLoad, 0, 0, {}});
  const auto left = std::make_shared<LeftThreads>();
  auto module = Module::LoadCopy(std::move(copy), file_, left);
  lease.Slot().Close();
  if (!module.ok() && !left->None()) on_left_(*left);
  return module;
}

}  // namespace broker
