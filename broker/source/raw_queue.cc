#include "source/raw_queue.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace broker {
namespace {

constexpr size_t kWaitingPart = 64;

}  // namespace

RawQueue::RawQueue(size_t capacity, std::function<void()> wake)
    : capacity_(capacity), wake_(std::move(wake)) {}

void RawQueue::Submit(RawEvent raw) noexcept {
  const Timestamp time = raw.time;
  bool was_empty = false;
  {
    const MutexLock lock(mutex_);
    was_empty = queue_.empty() && !overflowed_;
    if (overflowed_ || !Append(std::move(raw))) Drop(time);
  }
  if (was_empty) wake_();
}

bool RawQueue::WaitForRoom(std::chrono::milliseconds timeout) noexcept {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const MutexLock lock(mutex_);
  while (!HasRoom()) {
    if (!taken_.WaitUntil(mutex_, deadline)) return HasRoom();
  }
  return true;
}

bool RawQueue::HasRoom() const noexcept {
  return queue_.empty() || (queue_.size() < capacity_ / kWaitingPart && !overflowed_);
}

bool RawQueue::Append(RawEvent&& raw) noexcept {
  if (queue_.size() >= capacity_) return false;
  try {
    queue_.push_back(std::move(raw));
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void RawQueue::Drop(Timestamp time) noexcept {
  if (!overflowed_) overflow_time_ = time;
  overflowed_ = true;
  ++dropped_;
}

bool RawQueue::Take(std::vector<RawEvent>& out) {
  const MutexLock lock(mutex_);
  if (out.empty()) {
    out.swap(queue_);
  } else {
    std::move(queue_.begin(), queue_.end(), std::back_inserter(out));
    queue_.clear();
  }
  taken_.NotifyAll();
  if (!std::exchange(overflowed_, false)) return false;
  RawEvent lost;
  lost.kind = RawKind::kLost;
  lost.time = overflow_time_;
  lost.reason = "queue full";
  out.push_back(std::move(lost));
  return true;
}

bool RawQueue::Crowded() const {
  const MutexLock lock(mutex_);
  return queue_.size() > capacity_ / 2;
}

size_t RawQueue::Dropped() const {
  const MutexLock lock(mutex_);
  return dropped_;
}

}  // namespace broker
