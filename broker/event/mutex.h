#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// Clang's thread-safety analysis; other compilers see nothing. Source: clang's
// ThreadSafetyAnalysis.
#if defined(__clang__)
#define USHER_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define USHER_THREAD_ATTRIBUTE(x)
#endif
#define USHER_CAPABILITY(x) USHER_THREAD_ATTRIBUTE(capability(x))
#define USHER_SCOPED_CAPABILITY USHER_THREAD_ATTRIBUTE(scoped_lockable)
#define USHER_GUARDED_BY(x) USHER_THREAD_ATTRIBUTE(guarded_by(x))
#define USHER_REQUIRES(x) USHER_THREAD_ATTRIBUTE(requires_capability(x))
#define USHER_EXCLUDES(x) USHER_THREAD_ATTRIBUTE(locks_excluded(x))
#define USHER_ACQUIRE(...) USHER_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define USHER_RELEASE(...) USHER_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))

namespace broker {

/// std::mutex as clang's analysis can follow it: members say USHER_GUARDED_BY(mutex_).
class USHER_CAPABILITY("mutex") Mutex {
 public:
  void Lock() USHER_ACQUIRE() { mutex_.lock(); }
  void Unlock() USHER_RELEASE() { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

/// Holds a Mutex for its own lifetime.
class USHER_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) USHER_ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() USHER_RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// A condition variable for Mutex. Wakes may be spurious: wait in a loop over the condition, so
/// that the analysis sees the guarded reads under the lock.
class Condition {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void NotifyAll() noexcept { condition_.notify_all(); }

  void Wait(Mutex& mutex) USHER_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  /// False once `deadline` has passed. TimePoint::max() waits for ever.
  bool WaitUntil(Mutex& mutex, TimePoint deadline) USHER_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    bool in_time = true;
    if (deadline == TimePoint::max()) {
      condition_.wait(lock);
    } else {
      in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    }
    lock.release();
    return in_time;
  }

 private:
  std::condition_variable condition_;
};

}  // namespace broker
