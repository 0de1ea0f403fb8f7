#pragma once

#include <thread>
#include <vector>

#include "action/session_actor.h"
#include "event/mutex.h"

namespace broker {

/// Has logind act upon sessions, one after the other, on a thread of its own, which exists as long
/// as there is something to do. A connection to the bus is there only meanwhile: their number is
/// limited.
///
/// Source: org.freedesktop.login1(5).
class LogindActor final : public SessionActor {
 public:
  /// `diagnostics` must outlive this.
  explicit LogindActor(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
  /// Waits for the action at hand, a second at most; those behind it are dropped.
  ~LogindActor() override;

  void Act(SessionAction action, SessionRef session, Done done) override;

 private:
  struct Wish {
    SessionAction action = SessionAction::kLock;
    SessionRef session;
    Done done;
  };

  void Work() noexcept;
  bool Take(Wish& wish);

  Diagnostics& diagnostics_;
  Mutex mutex_;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
  bool working_ USHER_GUARDED_BY(mutex_) = false;
  std::vector<Wish> wishes_ USHER_GUARDED_BY(mutex_);
  std::thread thread_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
