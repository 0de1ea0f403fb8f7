#include "isolation/cutoff.h"

namespace broker {

void Cutoff::Cut() noexcept {
  const MutexLock lock(mutex_);
  cut_ = true;
  for (FarSide* const peer : peers_) peer->SetDeadline(Condition::TimePoint::min());
}

bool Cutoff::IsCut() const {
  const MutexLock lock(mutex_);
  return cut_;
}

Cutoff::Lease::Lease(Cutoff& cutoff, FarSide& peer) : cutoff_(cutoff), peer_(peer) {
  const MutexLock lock(cutoff_.mutex_);
  cutoff_.peers_.insert(&peer_);
  if (cutoff_.cut_) peer_.SetDeadline(Condition::TimePoint::min());
}

Cutoff::Lease::~Lease() {
  const MutexLock lock(cutoff_.mutex_);
  cutoff_.peers_.erase(&peer_);
}

}  // namespace broker
