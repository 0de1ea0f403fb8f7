#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventlog/file_system.h"

namespace broker {

/// Which calls fail. Thread-safe: syncs come from a thread of the log's.
struct Script {
  std::atomic<int> append_fails = 0;          ///< So many times.
  std::atomic<size_t> append_writes = 0;      ///< How many bytes a failing Append still writes.
  std::atomic<bool> append_hangs = false;     ///< Until it is set back.
  std::atomic<int> sync_fails = 0;            ///< So many times.
  std::atomic<bool> sync_hangs = false;       ///< Until it is set back.
  std::atomic<int> truncate_fails = 0;        ///< So many times.
  std::atomic<bool> open_fails = false;       ///< OpenAppend, until it is set back.
  std::atomic<bool> overwrite_fails = false;  ///< Until it is set back.
  std::atomic<bool> overwrite_hangs = false;  ///< Until it is set back.
  Status failure{StatusCode::kIo, "cannot write: input/output error (EIO, code 5)"};

  std::function<void()> at_read_end;  ///< Is called each time that a reader has come to an end.

  void Note(const std::string& call) {
    const std::lock_guard lock(mutex);
    calls.push_back(call);
  }
  std::vector<std::string> TakeCalls() {
    const std::lock_guard lock(mutex);
    return std::exchange(calls, {});
  }
  /// Whether this time is one of the `count`.
  static bool Counts(std::atomic<int>& count) {
    if (count == 0) return false;
    --count;
    return true;
  }

 private:
  std::mutex mutex;
  std::vector<std::string> calls;  ///< What was called, in order: "append", "sync", …
};

/// The real file system, except where the script makes it fail.
class ScriptedFiles final : public FileSystem {
 public:
  explicit ScriptedFiles(Script& script) : script_(script) {}

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override {
    if (script_.open_fails) return script_.failure;
    auto file = files_->OpenAppend(path);
    if (!file.ok()) return file.status();
    return std::unique_ptr<AppendFile>(std::make_unique<File>(script_, std::move(file).value()));
  }
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    auto file = files_->OpenRead(path);
    if (!file.ok() || !script_.at_read_end) return file;
    return std::unique_ptr<ReadFile>(std::make_unique<Read>(script_, std::move(file).value()));
  }
  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override {
    return files_->ReadAll(path, limit);
  }
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    return files_->Replace(path, content, mode);
  }
  Status Overwrite(const std::string& path, std::string_view content) override {
    script_.Note("reserve");
    while (script_.overwrite_hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (script_.overwrite_fails) return script_.failure;
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
  Status SyncDirectory(const std::string& path) override {
    script_.Note("sync directory");
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
      script_.Note("append");
      while (script_.append_hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!Script::Counts(script_.append_fails)) return file_->Append(bytes);
      const Status part = file_->Append(bytes.substr(0, script_.append_writes));
      return part.ok() ? script_.failure : part;
    }
    Status Sync() override {
      script_.Note("sync");
      while (script_.sync_hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (Script::Counts(script_.sync_fails)) return script_.failure;
      return file_->Sync();
    }
    Status Reserve(uint64_t size) override { return file_->Reserve(size); }
    Status Truncate(uint64_t size) override {
      script_.Note("truncate");
      if (Script::Counts(script_.truncate_fails)) return script_.failure;
      return file_->Truncate(size);
    }
    [[nodiscard]] uint64_t Size() const override { return file_->Size(); }

   private:
    Script& script_;
    std::unique_ptr<AppendFile> file_;
  };

  class Read final : public ReadFile {
   public:
    Read(Script& script, std::unique_ptr<ReadFile> file)
        : script_(script), file_(std::move(file)) {}

    Result<size_t> ReadAt(uint64_t offset, std::span<char> into) const override {
      auto count = file_->ReadAt(offset, into);
      if (count.ok() && count.value() == 0) script_.at_read_end();
      return count;
    }
    [[nodiscard]] Result<uint64_t> Size() const override { return file_->Size(); }
    [[nodiscard]] bool IsStillNamed() const override { return file_->IsStillNamed(); }

   private:
    Script& script_;
    std::unique_ptr<ReadFile> file_;
  };

  Script& script_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
};

}  // namespace broker
