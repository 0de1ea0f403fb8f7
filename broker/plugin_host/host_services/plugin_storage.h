#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "eventlog/file_system.h"
#include "usher/status.h"

namespace broker {

/// Whether `key` names a value: 1 to USHER_STORAGE_MAX_KEY of [a-z0-9._-], no dot first.
[[nodiscard]] bool IsStorageKey(std::string_view key);

/// One instance's store: a file per value, replaced atomically, in a directory of its own. Keys
/// become file names, so only names that mean nothing to a file system are keys.
///
/// Not thread-safe; call from the plugin's thread.
class PluginStorage {
 public:
  /// `files` must outlive this. `directory` is made with the first value.
  PluginStorage(FileSystem& files, std::string directory);

  /// Each answers as usher/ext/storage.h says; on failure `why` is set to a sentence.
  usher_status Put(std::string_view key, std::string_view value, std::string& why);
  /// On USHER_TOO_SMALL and USHER_OK `size` is the value's size.
  usher_status Get(std::string_view key, std::span<char> buffer, size_t& size, std::string& why);
  usher_status Remove(std::string_view key, std::string& why);

 private:
  usher_status LoadKeys(std::string& why);
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  FileSystem& files_;
  const std::string directory_;
  std::optional<std::set<std::string, std::less<>>> keys_;  ///< Read with the first Put or Remove.
};

}  // namespace broker
