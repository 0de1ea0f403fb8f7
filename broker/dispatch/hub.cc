#include "dispatch/hub.h"

namespace broker {

void Hub::Emit(const Batch& batch) noexcept {
  if (batch.empty()) return;
  const auto pause = Pause();
  for (const EventRef& event : batch) {
    sorted_[static_cast<size_t>(event->event.type)].push_back(event);
  }
  for (size_t type = 0; type < kTypes; ++type) {
    if (sorted_[type].empty()) continue;
    by_type_[type](std::span<const EventRef>(sorted_[type]));
    sorted_[type].clear();
  }
  batch_committed_(batch.back()->event.seq);
}

}  // namespace broker
