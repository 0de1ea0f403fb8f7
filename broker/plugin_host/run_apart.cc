#include "plugin_host/run_apart.h"

#include <memory>
#include <thread>
#include <utility>

#include "event/mutex.h"

namespace broker {
namespace {

class Flag {
 public:
  void Set() {
    const MutexLock lock(mutex_);
    set_ = true;
    changed_.NotifyAll();
  }
  bool WaitUntil(Condition::TimePoint deadline) {
    const MutexLock lock(mutex_);
    while (!set_ && changed_.WaitUntil(mutex_, deadline)) {
    }
    return set_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  bool set_ USHER_GUARDED_BY(mutex_) = false;
};

}  // namespace

bool RunApart(std::function<void()> body, std::chrono::milliseconds limit) {
  const auto done = std::make_shared<Flag>();
  std::thread([done, body = std::move(body)]() mutable {
    body();
    body = nullptr;  // Nothing of it is left when it is done.
    done->Set();
  }).detach();
  return done->WaitUntil(std::chrono::steady_clock::now() + limit);
}

}  // namespace broker
