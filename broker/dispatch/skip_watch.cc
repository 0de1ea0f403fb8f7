#include "dispatch/skip_watch.h"

#include <algorithm>

namespace broker {

void SkipWatch::Add(Seq from) {
  const MutexLock lock(mutex_);
  skips_.insert_or_assign(from, 0);
}

void SkipWatch::Note(std::span<const Event* const> events) noexcept {
  const MutexLock lock(mutex_);
  if (skips_.empty()) return;
  for (const Event* const event : events) {
    const std::string* const instance = event->Detail("instance");
    const std::string* const from = event->Detail("from");
    if (instance == nullptr || *instance != instance_ || from == nullptr) continue;
    for (auto& [skipped, named_by] : skips_) {
      if (std::to_string(skipped) == *from) named_by = event->seq;
    }
  }
}

Seq SkipWatch::Bound(Seq seq, Seq synced) {
  const MutexLock lock(mutex_);
  std::erase_if(skips_,
                [synced](const auto& skip) { return skip.second != 0 && skip.second <= synced; });
  return skips_.empty() ? seq : std::min(seq, skips_.begin()->first - 1);
}

}  // namespace broker
