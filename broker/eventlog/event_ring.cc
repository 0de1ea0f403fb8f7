#include "eventlog/event_ring.h"

#include <algorithm>
#include <utility>

namespace broker {

void EventRing::Push(BatchRef batch) {
  const MutexLock lock(mutex_);
  if (batches_.empty()) fallen_ = batch->First() - 1;
  bytes_ += batch->Bytes();
  batches_.push_back(std::move(batch));
}

void EventRing::PopFront() {
  BatchRef before;  // Freed without the lock.
  const MutexLock lock(mutex_);
  before = std::exchange(fallen_last_, std::move(batches_.front()));
  batches_.pop_front();
  fallen_ = fallen_last_->Last();
  bytes_ -= fallen_last_->Bytes();
}

void EventRing::FreeFallen() const {
  BatchRef fallen;  // Freed without the lock.
  const MutexLock lock(mutex_);
  fallen = std::move(fallen_last_);
}

BatchRef EventRing::Find(Seq seq) const {
  const MutexLock lock(mutex_);
  if (seq <= fallen_) return nullptr;
  const auto found =
      std::partition_point(batches_.begin(), batches_.end(),
                           [seq](const BatchRef& batch) { return batch->Last() < seq; });
  return found == batches_.end() ? nullptr : *found;
}

BatchRef EventRing::Front() const {
  const MutexLock lock(mutex_);
  return batches_.empty() ? nullptr : batches_.front();
}

Seq EventRing::First() const {
  const MutexLock lock(mutex_);
  return fallen_ + 1;
}

size_t EventRing::Bytes() const {
  const MutexLock lock(mutex_);
  return bytes_;
}

void EventRing::Mark(Seq logged, Seq synced) {
  logged_ = logged;
  synced_ = synced;
}

}  // namespace broker
