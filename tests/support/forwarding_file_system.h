#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventlog/file_system.h"

namespace broker::testing {

/// Hands every call on, so that a wrapper says only what it changes.
class ForwardingAppendFile : public AppendFile {
 public:
  explicit ForwardingAppendFile(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}
  Status Append(std::string_view bytes) override { return file_->Append(bytes); }
  Status Sync() override { return file_->Sync(); }
  Status Reserve(uint64_t size) override { return file_->Reserve(size); }
  Status Truncate(uint64_t size) override { return file_->Truncate(size); }
  [[nodiscard]] uint64_t Size() const override { return file_->Size(); }

 private:
  const std::unique_ptr<AppendFile> file_;
};

/// The same for a file system.
class ForwardingFileSystem : public FileSystem {
 public:
  explicit ForwardingFileSystem(std::unique_ptr<FileSystem> files) : files_(std::move(files)) {}
  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override {
    return files_->OpenAppend(path);
  }
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    return files_->OpenRead(path);
  }
  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override {
    return files_->ReadAll(path, limit);
  }
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    return files_->Replace(path, content, mode);
  }
  Status Overwrite(const std::string& path, std::string_view content) override {
    return files_->Overwrite(path, content);
  }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    return files_->List(directory);
  }
  Result<bool> IsFile(const std::string& path) override { return files_->IsFile(path); }
  Status Remove(const std::string& path) override { return files_->Remove(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return files_->Rename(from, to);
  }
  Status MakeDirectories(const std::string& path, uint32_t mode) override {
    return files_->MakeDirectories(path, mode);
  }
  Status SyncDirectory(const std::string& path) override { return files_->SyncDirectory(path); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return files_->Lock(path);
  }

 private:
  const std::unique_ptr<FileSystem> files_;
};

}  // namespace broker::testing
