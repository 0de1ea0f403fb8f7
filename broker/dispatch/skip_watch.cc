#include "dispatch/skip_watch.h"

#include <algorithm>
#include <string>

#include "event/detail_number.h"

namespace broker {
void SkipWatch::Add(Seq from) {
  const MutexLock lock(mutex_);
  skips_.insert_or_assign(from, 0);
}

/// One event may name several skips as a whole.
void SkipWatch::Note(std::span<const Event* const> events) noexcept {
  const MutexLock lock(mutex_);
  if (skips_.empty()) return;
  for (const Event* const event : events) {
    const std::string* const instance = event->Detail("instance");
    const auto from = static_cast<Seq>(NumberIn(*event, "from"));
    if (instance == nullptr || *instance != instance_ || from == 0) continue;
    const auto last = skips_.upper_bound(std::max(from, static_cast<Seq>(NumberIn(*event, "to"))));
    for (auto skip = skips_.lower_bound(from); skip != last; ++skip) {
      if (skip->second == 0) skip->second = event->seq;
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
