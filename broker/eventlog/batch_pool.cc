#include "eventlog/batch_pool.h"

#include <utility>

#include "event/prefetch.h"

namespace broker {
namespace {

template <class Room>
Room TakeFrom(std::vector<Room>& rooms) {
  if (rooms.empty()) return {};
  Room room = std::move(rooms.back());
  rooms.pop_back();
  return room;
}

}  // namespace

BatchPool::BatchPool() {
  const MutexLock lock(mutex_);
  events_.reserve(kMost);
  lines_.reserve(kMost);
  notes_.reserve(kMost);
}

std::vector<Event> BatchPool::TakeEvents() {
  const MutexLock lock(mutex_);
  return TakeFrom(events_);
}

BatchLines BatchPool::TakeLines() {
  const MutexLock lock(mutex_);
  return TakeFrom(lines_);
}

std::unique_ptr<ReaderNotes> BatchPool::TakeNotes() {
  const MutexLock lock(mutex_);
  return TakeFrom(notes_);
}

void BatchPool::Give(std::vector<Event> events, BatchLines lines,
                     std::unique_ptr<ReaderNotes> notes) noexcept {
  for (size_t i = 0; i < events.size(); ++i) {
    PrefetchSessions(events, i);
    events[i].session.reset();
    events[i].before.reset();
  }
  events.clear();
  lines.ends.clear();
  const MutexLock lock(mutex_);
  if (events_.size() < kMost) events_.push_back(std::move(events));
  if (lines_.size() < kMost) lines_.push_back(std::move(lines));
  if (notes && notes_.size() < kMost) notes_.push_back(std::move(notes));
}

void BatchPool::Clear() {
  const MutexLock lock(mutex_);
  events_.clear();
  lines_.clear();
  notes_.clear();
}

}  // namespace broker
