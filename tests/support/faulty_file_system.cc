#include "tests/support/faulty_file_system.h"

#include <algorithm>
#include <utility>

namespace broker::testing {
namespace {

Status Failure(const Fault& fault, const std::string& path) {
  const char* const why = fault.code == StatusCode::kNoSpace
                              ? "no space left on device (ENOSPC, code 28)"
                              : "input/output error (EIO, code 5)";
  return {fault.code, "a scripted fault at '" + path + "': " + why};
}

Status Full(const std::string& path) {
  return Failure({.code = StatusCode::kNoSpace}, path);
}

bool ChangesTheDisk(Call call) {
  return call != Call::kOpenRead && call != Call::kReadAll && call != Call::kList;
}

/// Does `call`, unless the script has it fail, early or late.
template <class Do>
auto Guarded(FaultScript& script, Call call, const std::string& path, Do work) -> decltype(work()) {
  const std::optional<Fault> fault = script.Take(call, path);
  if (!fault) return work();
  if (fault->late) static_cast<void>(work());
  return Failure(*fault, path);
}

class FaultyAppendFile final : public ForwardingAppendFile {
 public:
  FaultyAppendFile(FaultScript& script, std::string path, std::unique_ptr<AppendFile> file)
      : ForwardingAppendFile(std::move(file)), script_(script), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    const std::optional<Fault> fault = script_.Take(Call::kAppend, path_);
    if (fault && !fault->late) {
      return Cut(bytes, std::min(fault->written, bytes.size()), Failure(*fault, path_));
    }
    const uint64_t free = std::min<uint64_t>(Spare(), bytes.size());
    const uint64_t fits = free + script_.TakeRoom(bytes.size() - free);
    if (fits < bytes.size()) return Cut(bytes, fits, Full(path_));
    Status written = ForwardingAppendFile::Append(bytes);
    return fault && written.ok() ? Failure(*fault, path_) : written;
  }

  Status Sync() override {
    script_.WaitWhileHanging();
    return Guarded(script_, Call::kSync, path_, [&] { return ForwardingAppendFile::Sync(); });
  }

  Status Reserve(uint64_t size) override {
    return Guarded(script_, Call::kReserve, path_, [&] { return TakeSpare(size); });
  }

  Status Truncate(uint64_t size) override {
    return Guarded(script_, Call::kTruncate, path_, [&] {
      script_.GiveRoom(Spare());
      reserved_ = 0;
      return ForwardingAppendFile::Truncate(size);
    });
  }

 private:
  /// What the file can still grow by.
  [[nodiscard]] uint64_t Spare() const { return reserved_ - std::min(reserved_, Size()); }

  Status TakeSpare(uint64_t size) {
    const uint64_t end = std::max(reserved_, Size());
    const uint64_t wanted = size - std::min(size, end);
    if (!script_.TakeWholeRoom(wanted)) return Full(path_);
    reserved_ = end + wanted;
    return ForwardingAppendFile::Reserve(size);
  }

  Status Cut(std::string_view bytes, size_t written, Status failure) {
    if (written == 0) return failure;
    Status part = ForwardingAppendFile::Append(bytes.substr(0, written));
    return part.ok() ? failure : part;
  }

  FaultScript& script_;
  const std::string path_;
  uint64_t reserved_ = 0;  // Up to where there is room for it.
};

}  // namespace

void FaultScript::Add(Fault fault) {
  const MutexLock lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FaultScript::SetRoom(uint64_t bytes) {
  const MutexLock lock(mutex_);
  room_ = bytes;
}

void FaultScript::Heal() {
  const MutexLock lock(mutex_);
  faults_.clear();
  room_.reset();
}

void FaultScript::HangSyncs() {
  const MutexLock lock(mutex_);
  hang_ = true;
}

void FaultScript::ReleaseSyncs() {
  const MutexLock lock(mutex_);
  hang_ = false;
  released_.NotifyAll();
}

int FaultScript::HangingSyncs() const {
  const MutexLock lock(mutex_);
  return hanging_;
}

void FaultScript::Freeze() {
  const MutexLock lock(mutex_);
  freeze_ = true;
}

void FaultScript::Thaw() {
  const MutexLock lock(mutex_);
  freeze_ = false;
  released_.NotifyAll();
}

int FaultScript::Frozen() const {
  const MutexLock lock(mutex_);
  return frozen_;
}

uint64_t FaultScript::Count(Call call) const {
  const MutexLock lock(mutex_);
  return counts_.at(static_cast<size_t>(call));
}

std::optional<Fault> FaultScript::Take(Call call, const std::string& path) {
  const MutexLock lock(mutex_);
  ++counts_.at(static_cast<size_t>(call));
  ++frozen_;
  while (freeze_ && ChangesTheDisk(call)) released_.Wait(mutex_);
  --frozen_;
  const auto due = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.call == call && path.find(fault.where) != std::string::npos;
  });
  if (due == faults_.end()) return std::nullopt;
  Fault fault = *due;
  if (due->times != Fault::kAlways && --due->times == 0) faults_.erase(due);
  return fault;
}

uint64_t FaultScript::TakeRoom(uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (!room_) return bytes;
  const uint64_t fits = std::min(bytes, *room_);
  *room_ -= fits;
  return fits;
}

bool FaultScript::TakeWholeRoom(uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (!room_) return true;
  if (*room_ < bytes) return false;
  *room_ -= bytes;
  return true;
}

void FaultScript::GiveRoom(uint64_t bytes) {
  const MutexLock lock(mutex_);
  if (room_) *room_ += bytes;
}

void FaultScript::WaitWhileHanging() {
  const MutexLock lock(mutex_);
  ++hanging_;
  while (hang_) released_.Wait(mutex_);
  --hanging_;
}

FaultyFileSystem::FaultyFileSystem(FaultScript& script, std::unique_ptr<FileSystem> files)
    : ForwardingFileSystem(std::move(files)), script_(script) {}

Result<std::unique_ptr<AppendFile>> FaultyFileSystem::OpenAppend(const std::string& path) {
  using Opened = Result<std::unique_ptr<AppendFile>>;
  return Guarded(script_, Call::kOpenAppend, path, [&]() -> Opened {
    Opened file = ForwardingFileSystem::OpenAppend(path);
    if (!file.ok()) return file;
    return {std::make_unique<FaultyAppendFile>(script_, path, std::move(file).value())};
  });
}

Result<std::unique_ptr<ReadFile>> FaultyFileSystem::OpenRead(const std::string& path) {
  return Guarded(script_, Call::kOpenRead, path,
                 [&] { return ForwardingFileSystem::OpenRead(path); });
}

Result<std::string> FaultyFileSystem::ReadAll(const std::string& path, uint64_t limit) {
  return Guarded(script_, Call::kReadAll, path,
                 [&] { return ForwardingFileSystem::ReadAll(path, limit); });
}

Status FaultyFileSystem::Replace(const std::string& path, std::string_view content, uint32_t mode) {
  return Guarded(script_, Call::kReplace, path, [&] {
    if (!script_.TakeWholeRoom(content.size())) return Full(path);
    return ForwardingFileSystem::Replace(path, content, mode);
  });
}

Status FaultyFileSystem::Overwrite(const std::string& path, std::string_view content) {
  return Guarded(script_, Call::kOverwrite, path,
                 [&] { return ForwardingFileSystem::Overwrite(path, content); });
}

Result<std::vector<std::string>> FaultyFileSystem::List(const std::string& directory) {
  return Guarded(script_, Call::kList, directory,
                 [&] { return ForwardingFileSystem::List(directory); });
}

Status FaultyFileSystem::Remove(const std::string& path) {
  return Guarded(script_, Call::kRemove, path, [&] { return ForwardingFileSystem::Remove(path); });
}

Status FaultyFileSystem::Rename(const std::string& from, const std::string& to) {
  return Guarded(script_, Call::kRename, to,
                 [&] { return ForwardingFileSystem::Rename(from, to); });
}

Status FaultyFileSystem::MakeDirectories(const std::string& path, uint32_t mode) {
  return Guarded(script_, Call::kMakeDirectories, path,
                 [&] { return ForwardingFileSystem::MakeDirectories(path, mode); });
}

Status FaultyFileSystem::SyncDirectory(const std::string& path) {
  return Guarded(script_, Call::kSyncDirectory, path,
                 [&] { return ForwardingFileSystem::SyncDirectory(path); });
}

}  // namespace broker::testing
