#include "plugin_host/library_watch.h"

namespace broker {

using std::chrono::steady_clock;

void LibraryWatch::Add(const std::string& instance, const std::string& file) {
  // One that is not there counts as changed once it is.
  const Result<FileStamp> there = StampOf(file);
  const FileStamp stamp = there.ok() ? there.value() : FileStamp();
  files_.push_back({instance, file, stamp, stamp, steady_clock::now()});
}

void LibraryWatch::Start() {
  if (!files_.empty()) thread_ = std::thread([this] { Run(); });
}

void LibraryWatch::Stop() noexcept {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void LibraryWatch::Run() {
  while (true) {
    {
      const auto next = steady_clock::now() + kPoll;
      const MutexLock lock(mutex_);
      while (!stopping_ && changed_.WaitUntil(mutex_, next)) {
      }
      if (stopping_) return;
    }
    for (File& file : files_) Look(file);
  }
}

void LibraryWatch::Look(File& file) {
  const Result<FileStamp> stamp = StampOf(file.path);
  if (!stamp.ok()) return;  // On its way from one to the next.
  const auto now = steady_clock::now();
  if (!(stamp.value() == file.seen)) {
    file.seen = stamp.value();
    file.seen_at = now;
  }
  if (file.seen == file.known || now - file.seen_at < kSettled) return;
  file.known = file.seen;
  on_change_(file.instance);
}

}  // namespace broker
