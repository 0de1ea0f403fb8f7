#include "eventlog/sync_thread.h"

#include <thread>
#include <utility>

namespace broker {
namespace {

constexpr std::chrono::seconds kPatience{1};

}  // namespace

/// Shared with the thread, which may outlive the object.
struct SyncThread::State {
  std::function<void()> on_done;
  Mutex mutex;
  Condition changed;
  Job job USHER_GUARDED_BY(mutex);
  std::optional<TimePoint> since USHER_GUARDED_BY(mutex);
  bool telling USHER_GUARDED_BY(mutex) = false;   ///< on_done is being called.
  bool ended USHER_GUARDED_BY(mutex) = false;     ///< The thread is to end.
  bool finished USHER_GUARDED_BY(mutex) = false;  ///< It has.
};

SyncThread::SyncThread() : state_(std::make_shared<State>()) {
  std::thread([state = state_] { Run(state); }).detach();
}

SyncThread::~SyncThread() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const MutexLock lock(state_->mutex);
  state_->ended = true;
  state_->changed.NotifyAll();
  while (!state_->finished && state_->changed.WaitUntil(state_->mutex, deadline)) {
  }
}

void SyncThread::Run(const std::shared_ptr<State>& state) {
  while (true) {
    Job job;
    {
      const MutexLock lock(state->mutex);
      while (!state->ended && !state->job) state->changed.Wait(state->mutex);
      job = std::exchange(state->job, nullptr);
      if (!job) {
        state->finished = true;
        state->changed.NotifyAll();
        return;
      }
    }
    job();
    job = nullptr;  // Lets go of its files before anybody hears that it is done.
    {
      const MutexLock lock(state->mutex);
      state->since.reset();
      state->telling = true;
    }
    if (state->on_done) state->on_done();
    const MutexLock lock(state->mutex);
    state->telling = false;
    state->changed.NotifyAll();
  }
}

void SyncThread::CallWhenDone(std::function<void()> on_done) {
  const MutexLock lock(state_->mutex);
  state_->on_done = std::move(on_done);
}

void SyncThread::Begin(Job job) {
  const MutexLock lock(state_->mutex);
  state_->job = std::move(job);
  state_->since = std::chrono::steady_clock::now();
  state_->changed.NotifyAll();
}

std::optional<SyncThread::TimePoint> SyncThread::BusySince() const {
  const MutexLock lock(state_->mutex);
  return state_->since;
}

bool SyncThread::WaitIdle(TimePoint deadline) {
  const MutexLock lock(state_->mutex);
  while (state_->since || state_->telling) {
    if (!state_->changed.WaitUntil(state_->mutex, deadline)) {
      return !state_->since && !state_->telling;
    }
  }
  return true;
}

}  // namespace broker
