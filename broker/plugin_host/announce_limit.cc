#include "plugin_host/announce_limit.h"

#include <algorithm>
#include <utility>

namespace broker {

AnnounceLimit::AnnounceLimit(Announcer& announcer, std::string instance)
    : announcer_(announcer), instance_(std::move(instance)) {}

bool AnnounceLimit::Announce(Event event) {
  const Timestamp now = event.time;
  return Announce(std::move(event), now, kPerMinute);
}

bool AnnounceLimit::Announce(Event event, Timestamp now, uint32_t per_minute) {
  const MutexLock lock(mutex_);
  const auto [entry, is_new] = minutes_.try_emplace(std::string(event.TypeName()));
  auto& [type, minute] = *entry;
  if (is_new || IsOver(minute, now)) {
    Tell(type, minute, event.time);
    minute = {now.monotonic_us, 0, 0};
  }
  if (minute.passed >= per_minute || event.chain > kMaxChain) {
    ++minute.suppressed;
    skips_.Add(event);
    return false;
  }
  ++minute.passed;
  announcer_.Announce(std::move(event));
  return true;
}

std::optional<int64_t> AnnounceLimit::TellAt() const {
  const MutexLock lock(mutex_);
  std::optional<int64_t> first;
  for (const auto& [type, minute] : minutes_) {
    if (minute.suppressed == 0) continue;
    const int64_t end = minute.begin_us + kMinuteUs;
    first = first ? std::min(*first, end) : end;
  }
  return first;
}

void AnnounceLimit::Tell(Timestamp now) {
  const MutexLock lock(mutex_);
  for (auto& [type, minute] : minutes_) {
    if (IsOver(minute, now)) Tell(type, minute, now);
  }
}

void AnnounceLimit::TellAll(Timestamp now) {
  const MutexLock lock(mutex_);
  for (auto& [type, minute] : minutes_) Tell(type, minute, now);
}

bool AnnounceLimit::IsOver(const Minute& minute, Timestamp now) {
  return now.monotonic_us - minute.begin_us >= kMinuteUs;
}

void AnnounceLimit::Tell(const std::string& type, Minute& minute, Timestamp now) {
  const uint64_t count = std::exchange(minute.suppressed, 0);
  if (count == 0) return;
  announcer_.Announce(
      MakeBrokerEvent(EventType::kSuppressed, now,
                      {{"instance", instance_}, {"type", type}, {"count", std::to_string(count)}}));
  if (type != Name(EventType::kPluginSkipped)) return;
  if (auto whole = skips_.Take(now)) announcer_.Announce(*std::move(whole));
}

}  // namespace broker
