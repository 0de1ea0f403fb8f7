#include "dispatch/hub.h"

namespace broker {

void Hub::Emit(const Batch& batch) noexcept {
  const auto pause = Pause();
  for (const Event& event : batch.events) {
    sorted_[static_cast<size_t>(event.type)].push_back(&event);
  }
  for (size_t type = 0; type < kTypes; ++type) {
    if (sorted_[type].empty()) continue;
    by_type_[type](std::span<const Event* const>(sorted_[type]));
    sorted_[type].clear();
  }
  batch_committed_(batch.Last());
}

}  // namespace broker
