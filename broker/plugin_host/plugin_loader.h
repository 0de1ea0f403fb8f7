#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "event/status.h"
#include "plugin_host/host_context.h"
#include "plugin_host/module.h"
#include "settings/settings.h"

namespace broker {

/// Loads one instance's library. A crash meanwhile is the instance's. Thread-safe.
class PluginLoader {
 public:
  using OnLeft = std::function<void(const LeftThreads& left)>;

  /// What `context` refers to must outlive this. `file` is the library's, `copies` the folder of
  /// the copies that are loaded. `on_left` is told of a library that is refused and yet not
  /// unloaded.
  PluginLoader(const HostContext& context, const PluginSettings& settings, std::string file,
               std::string copies, OnLeft on_left)
      : context_(context),
        settings_(settings),
        file_(std::move(file)),
        copies_(std::move(copies)),
        on_left_(std::move(on_left)) {}

  [[nodiscard]] const std::string& File() const { return file_; }

  /// Trust first, then ABI and needs; see Module::Load.
  [[nodiscard]] Result<std::shared_ptr<const Module>> Load() const;

  /// The same while the broker runs: of a file that nobody writes to any more, and that was tried
  /// in a process of its own before, if there is a probe. Takes some seconds at most.
  [[nodiscard]] Result<std::shared_ptr<const Module>> LoadWithCare() const;

 private:
  [[nodiscard]] Result<ScopedFile> CopySettled() const;
  [[nodiscard]] Result<std::shared_ptr<const Module>> Map(ScopedFile copy) const;

  const HostContext context_;
  const PluginSettings& settings_;
  const std::string file_;
  const std::string copies_;
  const OnLeft on_left_;
};

}  // namespace broker
