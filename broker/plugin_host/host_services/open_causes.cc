#include "plugin_host/host_services/open_causes.h"

#include <algorithm>

namespace broker {
namespace {

// More are never open at a time.
constexpr size_t kMostOpen = 16;

auto Is(Seq seq) {
  return [seq](const Cause& cause) { return cause.seq == seq; };
}

}  // namespace

void OpenCauses::Keep(Cause cause) {
  const MutexLock lock(mutex_);
  if (ended_early_ == cause.seq) return;
  if (open_.size() == kMostOpen) open_.erase(open_.begin());
  open_.push_back(cause);
}

void OpenCauses::Forget(Seq seq) {
  const MutexLock lock(mutex_);
  if (seq_.load(std::memory_order_acquire) == seq) ended_early_ = seq;
  open_.erase(std::remove_if(open_.begin(), open_.end(), Is(seq)), open_.end());
}

std::optional<Cause> OpenCauses::Find(Seq seq) const {
  if (seq_.load(std::memory_order_acquire) == seq) {
    const uint32_t chain = chain_.load(std::memory_order_acquire);
    if (seq_.load(std::memory_order_relaxed) == seq) return Cause{seq, chain};
  }
  const MutexLock lock(mutex_);
  const auto found = std::find_if(open_.begin(), open_.end(), Is(seq));
  return found == open_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace broker
