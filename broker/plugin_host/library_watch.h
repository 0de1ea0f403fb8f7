#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "event/mutex.h"
#include "plugin_host/file_stamp.h"

namespace broker {

/// Follows the libraries of instances that want to be reloaded when these change: looks at each
/// file twice a second.
///
/// Start and Stop from one thread.
class LibraryWatch {
 public:
  /// `on_change` is called on the watch's thread with an instance whose file is another than it
  /// was, and was not written to for kSettled. Once for each change, whatever comes of it.
  explicit LibraryWatch(std::function<void(const std::string& instance)> on_change)
      : on_change_(std::move(on_change)) {}
  ~LibraryWatch() { Stop(); }
  LibraryWatch(const LibraryWatch&) = delete;
  LibraryWatch& operator=(const LibraryWatch&) = delete;

  /// Follows `file`, the library of `instance`, from how it is now. Before Start.
  void Add(const std::string& instance, const std::string& file);
  /// Without any files there is no thread.
  void Start();
  /// Returns when `on_change` does, if it is being called.
  void Stop() noexcept;

  static constexpr std::chrono::milliseconds kPoll{500};

 private:
  struct File {
    std::string instance;
    std::string path;
    FileStamp known;               ///< As it was when it was last told of.
    FileStamp seen;                ///< As it was when it was last looked at,
    Condition::TimePoint seen_at;  ///< and since when it is so.
  };

  void Run();
  void Look(File& file);

  const std::function<void(const std::string&)> on_change_;
  std::vector<File> files_;  ///< The thread's, while there is one.
  std::thread thread_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
};

}  // namespace broker
