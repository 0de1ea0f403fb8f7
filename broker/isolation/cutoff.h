#pragma once

#include <set>

#include "event/mutex.h"
#include "isolation/far_side.h"

namespace broker {

/// Puts an end to what waits for other processes, from another thread. Thread-safe.
class Cutoff {
 public:
  /// Whoever waits, or will, is too late.
  void Cut() noexcept;
  [[nodiscard]] bool IsCut() const;

  /// As long as this lives, `peer` does not wait once it is cut. Both must outlive it.
  class Lease {
   public:
    Lease(Cutoff& cutoff, FarSide& peer);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

   private:
    Cutoff& cutoff_;
    FarSide& peer_;
  };

 private:
  mutable Mutex mutex_;
  bool cut_ USHER_GUARDED_BY(mutex_) = false;
  std::set<FarSide*> peers_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
