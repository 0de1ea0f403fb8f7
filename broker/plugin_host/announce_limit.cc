#include "plugin_host/announce_limit.h"

#include <utility>

namespace broker {

AnnounceLimit::AnnounceLimit(Announcer& announcer, std::string instance)
    : announcer_(announcer), instance_(std::move(instance)) {}

void AnnounceLimit::Announce(Event event) {
  Minute& minute = by_type_[static_cast<size_t>(event.type)];
  const int64_t now = event.time.monotonic_us;
  if (minute.passed == 0 || now - minute.begin_us >= kMinuteUs) {
    if (minute.suppressed != 0) {
      announcer_.Announce(MakeBrokerEvent(EventType::kSuppressed, event.time,
                                          {{"instance", instance_},
                                           {"type", std::string(event.TypeName())},
                                           {"count", std::to_string(minute.suppressed)}}));
    }
    minute = {now, 0, 0};
  }
  if (minute.passed == kPerMinute) {
    ++minute.suppressed;
    return;
  }
  ++minute.passed;
  announcer_.Announce(std::move(event));
}

}  // namespace broker
