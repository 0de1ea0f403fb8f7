#pragma once

#include <atomic>
#include <cstddef>
#include <deque>

#include "event/mutex.h"
#include "eventlog/batch.h"

namespace broker {

/// The last batches, in memory: what lanes read as long as they keep up, and the only copy of
/// events that could not be written yet. Whoever falls off its end reads the files.
///
/// Changed on the pipeline thread, read from any.
class EventRing {
 public:
  /// Takes the next batch: it begins behind the last one, holes in the numbers aside.
  void Push(BatchRef batch);

  /// Forgets the oldest batch. There must be one. It stays in memory until the next one falls off,
  /// unless a reader frees it before.
  void PopFront();

  /// Frees the batch that fell off last. For readers: there are many events to free, and the
  /// pipeline thread is the one that all others wait for.
  void FreeFallen() const;

  /// The batch with the first event that is not before `seq`; null when that one is not known to be
  /// in the ring: it has fallen off, or was not pushed yet.
  [[nodiscard]] BatchRef Find(Seq seq) const;

  /// The oldest batch; null for none.
  [[nodiscard]] BatchRef Front() const;

  /// The first number behind all that fell off.
  [[nodiscard]] Seq First() const;

  /// What all batches together take of memory.
  [[nodiscard]] size_t Bytes() const;

  /// Up to here every event is in the log as durably as its `sync` asks, or given up and recorded
  /// as missing. Goes back when a sync failed.
  [[nodiscard]] Seq Logged() const { return logged_; }
  /// The last event that is known to be on the disk, as all before it are, or given up: a reader
  /// may store that it has come here, as whatever happens the log does not end before.
  [[nodiscard]] Seq Synced() const { return synced_; }
  void Mark(Seq logged, Seq synced);

 private:
  mutable Mutex mutex_;
  std::deque<BatchRef> batches_ USHER_GUARDED_BY(mutex_);
  mutable BatchRef fallen_last_ USHER_GUARDED_BY(mutex_);
  Seq fallen_ USHER_GUARDED_BY(mutex_) = 0;  ///< The last number that fell off.
  size_t bytes_ USHER_GUARDED_BY(mutex_) = 0;
  std::atomic<Seq> logged_ = 0;
  std::atomic<Seq> synced_ = 0;
};

}  // namespace broker
