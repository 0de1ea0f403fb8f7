#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/mutex.h"
#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// Where an instance stands in the log. A value.
struct StoredCursor {
  Seq seq = 0;  ///< It has finished everything up to here.
  std::string
      reason;  ///< Why it must not go on behind `seq` but at the log's end; empty: it goes on.

  friend bool operator==(const StoredCursor&, const StoredCursor&) = default;
};

/// Who may write an instance's cursor, until somebody else claims that. A value.
struct CursorClaim {
  std::string instance;
  uint64_t number = 0;
};

/// The cursor of each instance, one small file each, replaced atomically: "SEQ", or "SEQ reason"
/// for one that must not resume. Thread-safe.
class CursorStore {
 public:
  /// `files` must outlive the store. `directory` is made when the first cursor is saved.
  CursorStore(FileSystem& files, std::string directory);

  /// The instance's cursor; nullopt for a new instance. kCorrupt when the file cannot be
  /// understood.
  [[nodiscard]] Result<std::optional<StoredCursor>> Load(const std::string& instance) const;

  /// Takes the claim from whoever has it: what comes from there any later, as from a disk that
  /// hung, is not written. Does not wait for the disk.
  [[nodiscard]] CursorClaim Claim(const std::string& instance) const;

  /// Everything up to `seq` is finished. Takes a mark away. kStopped: somebody else has the claim.
  Status Save(const CursorClaim& claim, Seq seq) const;
  Status Save(const std::string& instance, Seq seq) const;

  /// From now on events pass the instance by, for a reason of lower-case letters ("quarantined",
  /// "disabled"): when it is active again it starts at the log's end. The cursor stays where it is;
  /// a new instance has none and stays new.
  Status Mark(const CursorClaim& claim, std::string_view reason) const;
  Status Mark(const std::string& instance, std::string_view reason) const;

 private:
  struct Entry {
    Mutex writing;  ///< Held while the file is written, or read.
    std::atomic<uint64_t> claim = 0;
  };

  [[nodiscard]] Entry& EntryOf(const std::string& instance) const;
  [[nodiscard]] Result<std::optional<StoredCursor>> Read(const std::string& instance) const;
  Status MarkNow(const std::string& instance, std::string_view reason) const;
  [[nodiscard]] std::string PathOf(const std::string& instance) const;
  Status Write(const std::string& instance, const std::string& line) const;

  FileSystem& files_;
  const std::string directory_;
  mutable Mutex mutex_;
  mutable std::map<std::string, Entry> entries_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
