#include "tests/support/disk_in_memory.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace broker::testing {
namespace {

using File = DiskContent::File;

Status NotFound(const std::string& path) {
  return {StatusCode::kNotFound, "there is no '" + path + "'"};
}

uint64_t Find(const DiskContent& disk, const std::string& path) {
  const auto found = disk.names.find(path);
  return found == disk.names.end() ? 0 : found->second;
}

void Apply(DiskContent::Names& names, const std::pair<std::string, uint64_t>& change) {
  names[change.first] = change.second;
  if (change.second == 0) names.erase(change.first);
}

void SetName(DiskContent& disk, const std::string& path, uint64_t file) {
  disk.unsynced_names.emplace_back(path, file);
  Apply(disk.names, disk.unsynced_names.back());
}

uint64_t MakeFile(DiskContent& disk) {
  disk.files.emplace(++disk.last_file, File{});
  return disk.last_file;
}

void Apply(std::string& bytes, const DiskContent::Change& change) {
  bytes.resize(std::min(bytes.size(), change.cut_to));
  bytes.append(change.bytes);
}

void Do(File& file, DiskContent::Change change) {
  Apply(file.bytes, change);
  file.unsynced.push_back(std::move(change));
}

void SyncFile(File& file) {
  file.durable = file.bytes;
  file.unsynced.clear();
}

bool IsIn(std::string_view path, const std::string& directory) {
  return path.size() > directory.size() + 1 && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

void SyncNames(DiskContent& disk) {
  disk.durable_names = disk.names;
  disk.unsynced_names.clear();
}

/// How much of `most` the lost power left: nothing, all, or some of it.
class Chance {
 public:
  explicit Chance(std::mt19937& random) : random_(random), kind_(random() % kKinds) {}

  size_t Of(size_t most) {
    if (kind_ == 0) return 0;
    return kind_ == 1 ? most : random_() % (most + 1);
  }

 private:
  static constexpr uint32_t kKinds = 4;

  std::mt19937& random_;
  const uint32_t kind_;
};

void LoseUnsynced(File& file, Chance& chance) {
  const size_t kept = chance.Of(file.unsynced.size());
  for (size_t i = 0; i < kept; ++i) Apply(file.durable, file.unsynced[i]);
  if (kept < file.unsynced.size() && !file.unsynced[kept].whole) {
    DiskContent::Change& half = file.unsynced[kept];
    half.bytes.resize(chance.Of(half.bytes.size()));
    if (!half.bytes.empty()) Apply(file.durable, half);
  }
  file.bytes = file.durable;
  file.unsynced.clear();
}

class DiskAppendFile final : public AppendFile {
 public:
  DiskAppendFile(DiskInMemory& disk, uint64_t file) : disk_(disk), file_(file), size_(SizeNow()) {}

  Status Append(std::string_view bytes) override {
    const size_t half = bytes.size() / 2;
    AppendPart(bytes.substr(0, half));
    AppendPart(bytes.substr(half));
    return {};
  }

  Status Sync() override {
    disk_.Change([this](DiskContent& disk) { SyncFile(disk.files[file_]); });
    return {};
  }

  Status Reserve(uint64_t) override { return {}; }

  Status Truncate(uint64_t size) override {
    if (size < size_) {
      disk_.Change([this, size](DiskContent& disk) { Do(disk.files[file_], {size, "", true}); });
    }
    size_ = size;
    return {};
  }

  [[nodiscard]] uint64_t Size() const override { return size_; }

 private:
  [[nodiscard]] uint64_t SizeNow() const {
    return disk_.Read(
        [this](const DiskContent& disk) { return disk.files.at(file_).bytes.size(); });
  }

  void AppendPart(std::string_view bytes) {
    disk_.Change([&](DiskContent& disk) { Do(disk.files[file_], {size_, std::string(bytes)}); });
    size_ += bytes.size();
  }

  DiskInMemory& disk_;
  const uint64_t file_;
  uint64_t size_;
};

class DiskReadFile final : public ReadFile {
 public:
  DiskReadFile(DiskInMemory& disk, std::string path, uint64_t file)
      : disk_(disk), path_(std::move(path)), file_(file) {}

  Result<size_t> ReadAt(uint64_t offset, std::span<char> into) const override {
    return disk_.Read([&](const DiskContent& disk) -> Result<size_t> {
      const std::string& bytes = disk.files.at(file_).bytes;
      return offset >= bytes.size() ? 0 : bytes.copy(into.data(), into.size(), offset);
    });
  }

  [[nodiscard]] Result<uint64_t> Size() const override {
    return disk_.Read([this](const DiskContent& disk) -> Result<uint64_t> {
      return disk.files.at(file_).bytes.size();
    });
  }

  [[nodiscard]] bool IsStillNamed() const override {
    return disk_.Read([this](const DiskContent& disk) { return Find(disk, path_) == file_; });
  }

 private:
  DiskInMemory& disk_;
  const std::string path_;
  const uint64_t file_;
};

class MountedDisk final : public FileSystem {
 public:
  explicit MountedDisk(DiskInMemory& disk) : disk_(disk) {}

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override {
    uint64_t file = FindFile(path);
    if (file == 0) {
      file = disk_.Change([&](DiskContent& disk) {
        SetName(disk, path, MakeFile(disk));
        return disk.last_file;
      });
    }
    return {std::make_unique<DiskAppendFile>(disk_, file)};
  }

  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    const uint64_t file = FindFile(path);
    if (file == 0) return NotFound(path);
    return {std::make_unique<DiskReadFile>(disk_, path, file)};
  }

  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override {
    return disk_.Read([&](const DiskContent& disk) -> Result<std::string> {
      const uint64_t file = Find(disk, path);
      if (file == 0) return NotFound(path);
      const std::string& bytes = disk.files.at(file).bytes;
      if (bytes.size() > limit) return Status(StatusCode::kInvalid, "'" + path + "' is too large");
      return bytes;
    });
  }

  Status Replace(const std::string& path, std::string_view content, uint32_t) override {
    disk_.Change([&](DiskContent& disk) {
      const uint64_t file = MakeFile(disk);
      disk.files[file].bytes = disk.files[file].durable = content;
      SetName(disk, path, file);
    });
    return SyncDirectory(path.substr(0, path.rfind('/')));
  }

  Status Overwrite(const std::string& path, std::string_view content) override {
    const uint64_t file = FindFile(path);
    if (file == 0) return NotFound(path);
    disk_.Change([&](DiskContent& disk) { Do(disk.files[file], {0, std::string(content), true}); });
    disk_.Change([&](DiskContent& disk) { SyncFile(disk.files[file]); });
    return {};
  }

  Result<std::vector<std::string>> List(const std::string& directory) override {
    return disk_.Read([&](const DiskContent& disk) -> Result<std::vector<std::string>> {
      if (!disk.directories.contains(directory)) return NotFound(directory);
      std::vector<std::string> names;
      for (const auto& [path, file] : disk.names) {
        if (IsIn(path, directory)) names.push_back(path.substr(directory.size() + 1));
      }
      return names;
    });
  }

  Result<bool> IsFile(const std::string& path) override {
    if (FindFile(path) == 0) return NotFound(path);
    return true;
  }

  Status Remove(const std::string& path) override {
    if (FindFile(path) == 0) return NotFound(path);
    disk_.Change([&](DiskContent& disk) { SetName(disk, path, 0); });
    return {};
  }

  Status Rename(const std::string& from, const std::string& to) override {
    const uint64_t file = FindFile(from);
    if (file == 0) return NotFound(from);
    disk_.Change([&](DiskContent& disk) {
      SetName(disk, from, 0);
      SetName(disk, to, file);
    });
    return {};
  }

  Status MakeDirectories(const std::string& path, uint32_t) override {
    disk_.Change([&](DiskContent& disk) { disk.directories.insert(path); });
    return {};
  }

  Status SyncDirectory(const std::string&) override {
    disk_.Change(SyncNames);
    return {};
  }

  Result<std::unique_ptr<FileLock>> Lock(const std::string&) override {
    return {std::make_unique<FileLock>()};
  }

 private:
  [[nodiscard]] uint64_t FindFile(const std::string& path) const {
    return disk_.Read([&](const DiskContent& disk) { return Find(disk, path); });
  }

  DiskInMemory& disk_;
};

}  // namespace

std::unique_ptr<FileSystem> DiskInMemory::Mount() {
  return std::make_unique<MountedDisk>(*this);
}

void DiskInMemory::EndAfter(uint64_t changes) {
  const MutexLock lock(mutex_);
  changes_until_end_ = changes;
}

bool DiskInMemory::HasEnded() const {
  const MutexLock lock(mutex_);
  return left_.has_value();
}

void DiskInMemory::Restart(End end) {
  const MutexLock lock(mutex_);
  if (left_) now_ = *std::exchange(left_, std::nullopt);
  changes_until_end_ = UINT64_MAX;
  if (end == End::kPowerLost) LosePower();
}

void DiskInMemory::LosePower() {
  Chance chance(random_);
  const size_t kept = chance.Of(now_.unsynced_names.size());
  for (size_t i = 0; i < kept; ++i) Apply(now_.durable_names, now_.unsynced_names[i]);
  now_.names = now_.durable_names;
  now_.unsynced_names.clear();
  std::set<uint64_t> named;
  for (const auto& [path, file] : now_.names) named.insert(file);
  std::erase_if(now_.files, [&](const auto& file) { return !named.contains(file.first); });
  for (auto& [number, file] : now_.files) LoseUnsynced(file, chance);
}

DiskContent DiskInMemory::Content() const {
  return Read([](const DiskContent& disk) { return disk; });
}

void DiskInMemory::SetContent(DiskContent content) {
  Change([&](DiskContent& disk) { disk = std::move(content); });
}

}  // namespace broker::testing
