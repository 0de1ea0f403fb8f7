#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace presence {

/// A file that readers see either as it was or as it is now, never half written: a temporary file
/// in the same folder is renamed over it. Not synced to the disk: after a power cut it may be
/// missing or an older one, and it is of no use then anyway.
///
/// Its folder should be writable for the broker's user only, as is right for whatever programs
/// trust.
class PresenceFile {
 public:
  /// `path` must be absolute.
  PresenceFile(std::filesystem::path path, std::filesystem::perms mode);

  /// Replaces the content. Throws usher::Error (USHER_IO) with a sentence on failure; the file is
  /// then as it was, and no temporary file stays behind.
  void Write(std::string_view content) const;

  /// Deletes what a crash in the middle of Write left in the folder a minute ago or earlier. Throws
  /// nothing.
  void RemoveLeftovers() const noexcept;

 private:
  [[nodiscard]] std::filesystem::path TemporaryPath() const;
  [[nodiscard]] std::string TemporaryPrefix() const;
  void WriteTemporary(const std::filesystem::path& temporary, std::string_view content) const;

  const std::filesystem::path path_;
  const std::filesystem::perms mode_;
};

}  // namespace presence
