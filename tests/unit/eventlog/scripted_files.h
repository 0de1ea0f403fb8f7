#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventlog/file_system.h"

namespace broker {

/// Which calls fail next. Each failure happens once, unless it says otherwise.
struct Script {
  bool append_fails = false;
  size_t append_writes = 0;  ///< How many bytes a failing Append still writes.
  bool sync_fails = false;
  bool truncate_fails = false;
  bool replace_fails = false;       ///< Every Replace, until it is set back.
  bool replace_fails_late = false;  ///< The file has its new content, but that may not be durable.
  Status failure{StatusCode::kIo, "cannot write: input/output error (EIO, code 5)"};

  std::vector<std::string> calls;  ///< What was called, in order: "append", "sync", …
};

/// The real file system, except where the script makes it fail.
class ScriptedFiles final : public FileSystem {
 public:
  explicit ScriptedFiles(Script& script) : script_(script) {}

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override {
    auto file = files_->OpenAppend(path);
    if (!file.ok()) return file.status();
    return std::unique_ptr<AppendFile>(std::make_unique<File>(script_, std::move(file).value()));
  }
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    return files_->OpenRead(path);
  }
  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override {
    return files_->ReadAll(path, limit);
  }
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    script_.calls.emplace_back("replace");
    if (script_.replace_fails) return script_.failure;
    const Status replaced = files_->Replace(path, content, mode);
    const bool fails = std::exchange(script_.replace_fails_late, false);
    return replaced.ok() && fails ? script_.failure : replaced;
  }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    return files_->List(directory);
  }
  Status Remove(const std::string& path) override { return files_->Remove(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return files_->Rename(from, to);
  }
  Status MakeDirectories(const std::string& path, uint32_t mode) override {
    return files_->MakeDirectories(path, mode);
  }
  Status SyncDirectory(const std::string& path) override {
    script_.calls.emplace_back("sync directory");
    return files_->SyncDirectory(path);
  }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return files_->Lock(path);
  }

 private:
  class File final : public AppendFile {
   public:
    File(Script& script, std::unique_ptr<AppendFile> file)
        : script_(script), file_(std::move(file)) {}

    Status Append(std::string_view bytes) override {
      script_.calls.emplace_back("append");
      if (!std::exchange(script_.append_fails, false)) return file_->Append(bytes);
      const Status part = file_->Append(bytes.substr(0, script_.append_writes));
      return part.ok() ? script_.failure : part;
    }
    Status Sync() override {
      script_.calls.emplace_back("sync");
      if (std::exchange(script_.sync_fails, false)) return script_.failure;
      return file_->Sync();
    }
    Status Truncate(uint64_t size) override {
      script_.calls.emplace_back("truncate");
      if (std::exchange(script_.truncate_fails, false)) return script_.failure;
      return file_->Truncate(size);
    }
    [[nodiscard]] uint64_t Size() const override { return file_->Size(); }

   private:
    Script& script_;
    std::unique_ptr<AppendFile> file_;
  };

  Script& script_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
};

}  // namespace broker
