#include "dispatch/open_events.h"

#include <algorithm>
#include <utility>

namespace broker {

void OpenEvents::Forget() noexcept {
  const MutexLock lock(mutex_);
  End();
  early_.reset();
}

void OpenEvents::Keep(Seq seq, uint32_t chain) {
  const MutexLock lock(mutex_);
  End();
  Entry entry{seq, chain, std::nullopt};
  if (early_ && early_->seq == seq) entry.how = std::move(early_->how);
  early_.reset();
  entries_.push_back(std::move(entry));
  NoteEntries();
}

bool OpenEvents::Complete(Seq seq, Status how) {
  const MutexLock lock(mutex_);
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [seq](const Entry& each) { return each.seq == seq; });
  if (entry != entries_.end()) {
    if (entry->how) return false;
    entry->how = std::move(how);
    return true;
  }
  if (seq == 0 || seq != current_.load(std::memory_order_acquire)) return false;
  if (early_ && early_->seq == seq) return false;
  early_ = Entry{seq, 0, std::move(how)};
  return true;
}

std::vector<OpenEvents::Ended> OpenEvents::TakeEnded() {
  if (!Any()) return {};
  const MutexLock lock(mutex_);
  std::vector<Ended> ended;
  for (Entry& entry : entries_) {
    if (entry.how) ended.push_back({entry.seq, entry.chain, std::move(*entry.how)});
  }
  std::erase_if(entries_, [](const Entry& entry) { return entry.how.has_value(); });
  NoteEntries();
  return ended;
}

std::vector<Seq> OpenEvents::Seqs() const {
  const MutexLock lock(mutex_);
  std::vector<Seq> seqs;
  for (const Entry& entry : entries_) seqs.push_back(entry.seq);
  return seqs;
}

void OpenEvents::NoteEntries() {
  kept_ = entries_.size();
  lowest_.store(entries_.empty() ? 0 : entries_.front().seq, std::memory_order_release);
}

}  // namespace broker
