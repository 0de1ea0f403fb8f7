#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "event/mutex.h"
#include "plugin_host/file_stamp.h"

namespace broker {

/// The file of an instance that wants to be reloaded when it changes. A value.
struct WatchedLibrary {
  std::string instance;
  std::string file;

  friend bool operator==(const WatchedLibrary&, const WatchedLibrary&) = default;
};

/// Follows the libraries of instances that want to be reloaded when these change: looks at each
/// file twice a second.
///
/// Start and Stop from one thread, Follow from any, but not during these.
class LibraryWatch {
 public:
  /// `on_change` is called on the watch's thread with an instance whose file is another than it
  /// was, and was not written to for kSettled. Once for each change, whatever comes of it.
  explicit LibraryWatch(std::function<void(const std::string& instance)> on_change)
      : on_change_(std::move(on_change)) {}
  ~LibraryWatch() { Stop(); }
  LibraryWatch(const LibraryWatch&) = delete;
  LibraryWatch& operator=(const LibraryWatch&) = delete;

  /// Follows these from now on and no others: a file from how it is now, unless it was followed for
  /// this instance already.
  void Follow(const std::vector<WatchedLibrary>& libraries);
  /// Begins to look, on a thread of its own; without any files there is none.
  void Start();
  /// Returns when `on_change` does, if it is being called.
  void Stop() noexcept;

  static constexpr std::chrono::milliseconds kPoll{500};

 private:
  struct File {
    WatchedLibrary library;
    FileStamp known;               ///< As it was when it was last told of.
    FileStamp seen;                ///< As it was when it was last looked at,
    Condition::TimePoint seen_at;  ///< and since when it is so.
  };

  void Run();
  [[nodiscard]] static File Seen(const WatchedLibrary& library);
  [[nodiscard]] static bool HasChanged(File& file);
  [[nodiscard]] std::vector<std::string> FindChanged();

  const std::function<void(const std::string&)> on_change_;
  std::thread thread_;
  bool started_ = false;
  Mutex mutex_;
  Condition changed_;
  std::vector<File> files_ USHER_GUARDED_BY(mutex_);
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
};

}  // namespace broker
