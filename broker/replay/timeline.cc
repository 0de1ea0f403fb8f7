#include "replay/timeline.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

/// The boot id in a key; empty where the key is none.
std::string_view BootOf(const Session& session) {
  const std::string end = MakeSessionKey("", session.Id(), session.created_us);
  const std::string_view key = session.Key();
  return key.ends_with(end) ? key.substr(0, key.size() - end.size()) : std::string_view();
}

}  // namespace

Timeline::Timeline(std::string first_boot)
    : boots_{{first_boot}}, current_(std::move(first_boot)) {}

Timestamp Timeline::GoTo(const std::string& boot, Timestamp recorded) {
  if (!boot.empty() && boot != current_) {
    const int64_t down_us = std::max<int64_t>(recorded.realtime_us - now_.realtime_us, 0);
    if (Find(boot) == nullptr) {
      boots_.push_back({boot, now_.monotonic_us + down_us - recorded.monotonic_us});
    }
    current_ = boot;
  }
  now_ = {recorded.realtime_us, recorded.monotonic_us + Find(current_)->offset_us};
  return now_;
}

int64_t Timeline::CreatedAt(const Session& session) const {
  const Boot* boot = Find(BootOf(session));
  return session.created_us + (boot == nullptr ? 0 : boot->offset_us);
}

/// From the newest: nearly every session is of the last boot.
const Timeline::Boot* Timeline::Find(std::string_view id) const {
  const auto found = std::find_if(boots_.rbegin(), boots_.rend(),
                                  [id](const Boot& boot) { return boot.id == id; });
  return found == boots_.rend() ? nullptr : &*found;
}

}  // namespace broker
