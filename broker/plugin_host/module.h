#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "event/status.h"
#include "plugin_host/code_users.h"
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

/// Who was still in a library when nobody needed it any more, so that it was not unloaded: it stays
/// mapped as long as the process lives, which must end by _exit. Thread-safe.
struct LeftThreads {
  std::atomic<size_t> inside = 0;   ///< Threads that the plugin has started and not ended.
  std::atomic<size_t> unknown = 0;  ///< Threads of which it is not known whether they are.

  [[nodiscard]] bool None() const { return inside == 0 && unknown == 0; }
};

/// A plugin's library as it is mapped: a private copy of the file, mapped as long as this lives;
/// longer, where a thread that the plugin has started is still in it.
/// The copy stays beside it for debuggers and is removed with it.
///
/// Immutable, so thread-safe. Whoever may still be inside the library's code must own it.
class Library {
 public:
  /// Maps `copy` and finds its entry. Constructors of the library run; nothing else of it is called
  /// or read. Errors name the file by `path`, whose copy it is.
  static Result<std::shared_ptr<const Library>> Open(
      ScopedFile copy, const std::string& path,
      std::shared_ptr<LeftThreads> left = std::make_shared<LeftThreads>());
  /// The same of a file that somebody else removes.
  static Result<std::shared_ptr<const Library>> OpenFile(
      const std::string& file, const std::string& path, ScopedFile copy = ScopedFile({}),
      std::shared_ptr<LeftThreads> left = std::make_shared<LeftThreads>());

  struct Mapping;

  /// `loading` was before the library was.
  Library(std::shared_ptr<Mapping> mapping, const ThreadMark& loading,
          std::shared_ptr<LeftThreads> left);
  /// Waits a moment for threads to end that are in the library.
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// Not checked yet: see ReadEntry. Owned by the library, valid as long as this is.
  [[nodiscard]] const usher_plugin_entry_t& Entry() const { return *entry_; }

  /// Written when this is destroyed.
  [[nodiscard]] std::shared_ptr<const LeftThreads> Left() const { return left_; }

 private:
  const std::shared_ptr<Mapping> mapping_;
  const usher_plugin_entry_t* const entry_;  ///< Null in one that is refused for it.
  const ThreadMark loading_;
  const std::shared_ptr<LeftThreads> left_;
};

/// What instances are made of: a plugin that was loaded and checked.
///
/// Immutable, so thread-safe. Whoever may still be inside the plugin's code must own it.
class Module {
 public:
  /// Checks the trust in the file (see CopyTrusted), maps the copy in `copies`, and reads its
  /// entry. Constructors of the library run; none of the plugin's functions is called. Errors name
  /// the file and what to do.
  static Result<std::shared_ptr<const Module>> Load(const std::string& path,
                                                    const std::string& copies);

  /// The same of a copy that was checked and made already. `left` is what Left() is then; where the
  /// library is refused, it says at once who is still in it.
  static Result<std::shared_ptr<const Module>> LoadCopy(
      ScopedFile copy, const std::string& path,
      std::shared_ptr<LeftThreads> left = std::make_shared<LeftThreads>());

  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] const PluginInfo& Info() const { return info_; }

  /// Asks about a configuration, as usher_plugin_descriptor::check_config does; OK where the plugin
  /// has no such function.
  virtual usher_status CheckConfig(const usher_host* /*host*/, usher_error* /*error*/) const {
    return USHER_OK;
  }

  /// Makes an instance, as usher_plugin_entry_t::create does.
  virtual const usher_plugin* Create(const usher_host* host, usher_error* error) const = 0;

  /// For who gives back a reference that may be the last one; null where no library is in this
  /// process.
  [[nodiscard]] virtual std::shared_ptr<const LeftThreads> Left() const { return nullptr; }

 protected:
  explicit Module(PluginInfo info) : info_(std::move(info)) {}

 private:
  const PluginInfo info_;
};

}  // namespace broker
