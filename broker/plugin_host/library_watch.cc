#include "plugin_host/library_watch.h"

#include <algorithm>
#include <utility>

namespace broker {

using std::chrono::steady_clock;

void LibraryWatch::Follow(const std::vector<WatchedLibrary>& libraries) {
  bool any = false;
  {
    const MutexLock lock(mutex_);
    std::vector<File> files;
    for (const WatchedLibrary& library : libraries) {
      const auto same = std::ranges::find(files_, library, &File::library);
      files.push_back(same == files_.end() ? Seen(library) : *same);
    }
    files_ = std::move(files);
    any = !files_.empty();
  }
  if (started_ && any && !thread_.joinable()) Start();
}

LibraryWatch::File LibraryWatch::Seen(const WatchedLibrary& library) {
  // One that is not there counts as changed once it is.
  const Result<FileStamp> there = StampOf(library.file);
  const FileStamp stamp = there.ok() ? there.value() : FileStamp();
  return {library, stamp, stamp, steady_clock::now()};
}

void LibraryWatch::Start() {
  started_ = true;
  const MutexLock lock(mutex_);
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
    for (const std::string& instance : FindChanged()) on_change_(instance);
  }
}

std::vector<std::string> LibraryWatch::FindChanged() {
  const MutexLock lock(mutex_);
  std::vector<std::string> changed;
  for (File& file : files_) {
    if (HasChanged(file)) changed.push_back(file.library.instance);
  }
  return changed;
}

bool LibraryWatch::HasChanged(File& file) {
  const Result<FileStamp> stamp = StampOf(file.library.file);
  if (!stamp.ok()) return false;  // On its way from one to the next.
  const auto now = steady_clock::now();
  if (!(stamp.value() == file.seen)) {
    file.seen = stamp.value();
    file.seen_at = now;
  }
  if (file.seen == file.known || now - file.seen_at < kSettled) return false;
  file.known = file.seen;
  return true;
}

}  // namespace broker
