#include "sdk/check/memory_files.h"

#include <utility>

namespace broker::check {
namespace {

Status Missing(const std::string& path) {
  return {StatusCode::kNotFound, "there is no '" + path + "'"};
}

Status NotNeeded(const std::string& path) {
  return {StatusCode::kInternal, "no plugin does this to '" + path + "'"};
}

}  // namespace

void MemoryFiles::Fail(Status failure) {
  const MutexLock lock(mutex_);
  failure_ = std::move(failure);
}

Result<std::string> MemoryFiles::ReadAll(const std::string& path, uint64_t limit) {
  const MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  const auto file = files_.find(path);
  if (file == files_.end()) return Missing(path);
  if (file->second.size() > limit)
    return Status(StatusCode::kInvalid, "'" + path + "' is too long");
  return file->second;
}

Status MemoryFiles::Replace(const std::string& path, std::string_view content, uint32_t /*mode*/) {
  const MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  files_[path] = std::string(content);
  return {};
}

Result<std::vector<std::string>> MemoryFiles::List(const std::string& directory) {
  const MutexLock lock(mutex_);
  std::vector<std::string> names;
  const std::string prefix = directory + "/";
  for (const auto& [path, content] : files_) {
    if (path.starts_with(prefix)) names.push_back(path.substr(prefix.size()));
  }
  return names;
}

Result<bool> MemoryFiles::IsFile(const std::string& path) {
  const MutexLock lock(mutex_);
  return files_.contains(path);
}

Status MemoryFiles::Remove(const std::string& path) {
  const MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  return files_.erase(path) == 0 ? Missing(path) : Status();
}

Status MemoryFiles::MakeDirectories(const std::string& /*path*/, uint32_t /*mode*/) {
  return {};
}

Status MemoryFiles::SyncDirectory(const std::string& /*path*/) {
  return {};
}

Result<std::unique_ptr<AppendFile>> MemoryFiles::OpenAppend(const std::string& path) {
  return NotNeeded(path);
}

Result<std::unique_ptr<ReadFile>> MemoryFiles::OpenRead(const std::string& path) {
  return NotNeeded(path);
}

Status MemoryFiles::Overwrite(const std::string& path, std::string_view /*content*/) {
  return NotNeeded(path);
}

Status MemoryFiles::Rename(const std::string& from, const std::string& /*to*/) {
  return NotNeeded(from);
}

Result<std::unique_ptr<FileLock>> MemoryFiles::Lock(const std::string& path) {
  return NotNeeded(path);
}

}  // namespace broker::check
