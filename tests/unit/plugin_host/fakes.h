#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "event/clock.h"
#include "event/diagnostics.h"
#include "eventlog/file_system.h"
#include "plugin_host/announcer.h"
#include "plugin_host/host_context.h"

namespace broker::testing {

/// Files in memory, for what the host keeps; the operations it does not use are not there.
class MemoryFiles : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string&) override { return Missing(); }
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string&) override { return Missing(); }
  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override {
    const std::lock_guard lock(mutex_);
    if (!read_failure.ok()) return read_failure;
    const auto file = files.find(path);
    if (file == files.end()) return Status(StatusCode::kNotFound, "there is no '" + path + "'");
    if (file->second.size() > limit) return Status(StatusCode::kInvalid, "too large");
    return file->second;
  }
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    const std::lock_guard lock(mutex_);
    if (!failure.ok()) return failure;
    files[path] = std::string(content);
    modes[path] = mode;
    return {};
  }
  Status Overwrite(const std::string&, std::string_view) override { return Missing(); }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [path, content] : files) {
      if (path.starts_with(directory + "/")) names.push_back(path.substr(directory.size() + 1));
    }
    if (names.empty()) return Status(StatusCode::kNotFound, "there is no '" + directory + "'");
    return names;
  }
  Result<bool> IsFile(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    return files.contains(path);
  }
  Status Remove(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    if (files.erase(path) == 0) return {StatusCode::kNotFound, "there is no '" + path + "'"};
    return {};
  }
  Status Rename(const std::string&, const std::string&) override { return Missing(); }
  Status MakeDirectories(const std::string& path, uint32_t mode) override {
    const std::lock_guard lock(mutex_);
    modes[path] = mode;
    return {};
  }
  Status SyncDirectory(const std::string&) override { return {}; }
  Result<std::unique_ptr<FileLock>> Lock(const std::string&) override { return Missing(); }

  std::map<std::string, std::string> files;
  std::map<std::string, uint32_t> modes;
  Status failure;  ///< What Replace answers, if it is one.
  Status read_failure;

 private:
  static Status Missing() { return {StatusCode::kNotFound, "not there"}; }
  std::mutex mutex_;
};

/// Keeps the sentences: "component: text".
class NotingDiagnostics final : public Diagnostics {
 public:
  void Log(Severity severity, std::string_view component, std::string_view text) noexcept override {
    const std::lock_guard lock(mutex_);
    last_severity = severity;
    lines_.push_back(std::string(component) + ": " + std::string(text));
  }
  [[nodiscard]] std::vector<std::string> Lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// How many lines are this one.
  [[nodiscard]] size_t Count(const std::string& line) const {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count(lines_.begin(), lines_.end(), line));
  }
  std::atomic<Severity> last_severity = Severity::kDebug;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Keeps the events.
class NotingAnnouncer final : public Announcer {
 public:
  void Announce(Event event) noexcept override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  [[nodiscard]] std::vector<Event> Events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  [[nodiscard]] std::vector<Event> Of(EventType type) const {
    std::vector<Event> some;
    for (Event& event : Events()) {
      if (event.type == type) some.push_back(std::move(event));
    }
    return some;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
};

/// Keeps the sentences.
class NotingMisuse final : public MisuseWatch {
 public:
  void Misused(std::string_view what) noexcept override {
    const std::lock_guard lock(mutex_);
    notes_.emplace_back(what);
  }
  [[nodiscard]] std::vector<std::string> Notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
};

/// A clock that stands still.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const noexcept override { return {realtime_us, monotonic_us}; }
  std::atomic<int64_t> realtime_us = 1'700'000'000'000'000;
  std::atomic<int64_t> monotonic_us = 1'000'000;
};

}  // namespace broker::testing
