#pragma once

#include <memory>
#include <string>

#include <boost/dll/shared_library.hpp>

#include "event/status.h"
#include "plugin_host/entry_check.h"
#include "usher/plugin.h"

namespace broker {

/// A file that is removed when this is destroyed.
class ScopedFile {
 public:
  explicit ScopedFile(std::string path) : path_(std::move(path)) {}
  ~ScopedFile();
  ScopedFile(ScopedFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScopedFile(const ScopedFile&) = delete;
  ScopedFile& operator=(const ScopedFile&) = delete;
  ScopedFile& operator=(ScopedFile&&) = delete;

  [[nodiscard]] const std::string& Path() const { return path_; }

 private:
  std::string path_;
};

/// A loaded plugin library: a private, trusted copy of the file, mapped as long as this lives. The
/// copy stays beside it for debuggers and is removed with it.
///
/// Immutable, so thread-safe. Whoever may still be inside the library's code must own it.
class Module {
 public:
  /// Checks the trust in the file (see CopyTrusted), loads the copy in `copies`, and reads its
  /// entry. Constructors of the library run; none of the plugin's functions is called. Errors name
  /// the file and what to do.
  static Result<std::shared_ptr<const Module>> Load(const std::string& path,
                                                    const std::string& copies);

  Module(ScopedFile copy, boost::dll::shared_library library, const usher_plugin_entry_t& entry,
         PluginInfo info);

  [[nodiscard]] const PluginInfo& Info() const { return info_; }
  /// Owned by the library, valid as long as this is.
  [[nodiscard]] const usher_plugin_entry_t& Entry() const { return entry_; }

 private:
  const ScopedFile copy_;  // Outlives the mapping.
  const boost::dll::shared_library library_;
  const usher_plugin_entry_t& entry_;
  const PluginInfo info_;
};

}  // namespace broker
