#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/mutex.h"
#include "tests/support/forwarding_file_system.h"

namespace broker::testing {

/// The calls that can be made to fail.
enum class Call : int32_t {
  kOpenAppend,
  kOpenRead,
  kReadAll,
  kAppend,
  kSync,
  kReserve,
  kTruncate,
  kReplace,
  kOverwrite,
  kList,
  kRemove,
  kRename,
  kMakeDirectories,
  kSyncDirectory,
  kCount,
};

/// What goes wrong, when, and how. A value.
struct Fault {
  static constexpr int kAlways = -1;  ///< Until Heal.

  Call call = Call::kSync;
  StatusCode code = StatusCode::kIo;  ///< kIo (EIO) or kNoSpace (ENOSPC).
  int times = 1;                      ///< How often; calls before are not counted.
  size_t written = 0;                 ///< kAppend: so many bytes are written before it fails.
  bool late = false;    ///< The call does its work, and only then says that it failed.
  std::string where{};  ///< Only paths that contain this.
};

/// What happens to the calls of a FaultyFileSystem and its open files. Thread-safe.
class FaultScript {
 public:
  void Add(Fault fault);
  /// What is written from now on fails with kNoSpace beyond so many bytes, all files together; a
  /// write that fits in part is cut short. What was reserved before is taken already; what is
  /// removed gives nothing back.
  void SetRoom(uint64_t bytes);
  /// Nothing fails any more.
  void Heal();

  /// From now on a Sync does not return before ReleaseSyncs.
  void HangSyncs();
  void ReleaseSyncs();
  /// Syncs that hang now.
  [[nodiscard]] int HangingSyncs() const;

  /// How often `call` was made, failures included.
  [[nodiscard]] uint64_t Count(Call call) const;

  /// From now on nothing that changes the disk returns before Thaw: fsfreeze(8).
  void Freeze();
  void Thaw();
  /// Calls that are frozen now.
  [[nodiscard]] int Frozen() const;

  // For the file system.

  /// Counts the call, waits where it is frozen, and answers the fault that is due, if any.
  std::optional<Fault> Take(Call call, const std::string& path);
  /// Of `bytes`, those that there is room for; they are taken.
  uint64_t TakeRoom(uint64_t bytes);
  /// All of them or none.
  bool TakeWholeRoom(uint64_t bytes);
  void GiveRoom(uint64_t bytes);
  void WaitWhileHanging();

 private:
  mutable Mutex mutex_;
  Condition released_;
  std::vector<Fault> faults_ USHER_GUARDED_BY(mutex_);
  std::optional<uint64_t> room_ USHER_GUARDED_BY(mutex_);
  std::array<uint64_t, static_cast<size_t>(Call::kCount)> counts_ USHER_GUARDED_BY(mutex_){};
  bool hang_ USHER_GUARDED_BY(mutex_) = false;
  int hanging_ USHER_GUARDED_BY(mutex_) = 0;
  bool freeze_ USHER_GUARDED_BY(mutex_) = false;
  int frozen_ USHER_GUARDED_BY(mutex_) = 0;
};

/// A file system on which things go wrong as its script says; else it does what the one below does.
class FaultyFileSystem final : public ForwardingFileSystem {
 public:
  /// `script` must outlive it and its open files.
  explicit FaultyFileSystem(FaultScript& script,
                            std::unique_ptr<FileSystem> files = MakeFileSystem());

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override;
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override;
  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override;
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override;
  Status Overwrite(const std::string& path, std::string_view content) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Status Remove(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status MakeDirectories(const std::string& path, uint32_t mode) override;
  Status SyncDirectory(const std::string& path) override;

 private:
  FaultScript& script_;
};

}  // namespace broker::testing
