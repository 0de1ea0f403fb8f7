#include "plugin_host/skip_sum.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "event/detail_number.h"

namespace broker {
namespace {

constexpr const char* kSeveral = "several";

void Set(Event& event, std::string_view key, std::string value) {
  for (auto& [name, text] : event.details) {
    if (name != key) continue;
    text = std::move(value);
    return;
  }
}

}  // namespace

void SkipSum::Add(const Event& skipped) {
  if (skipped.type != EventType::kPluginSkipped) return;
  const auto from = static_cast<Seq>(NumberIn(skipped, "from"));
  const auto to = static_cast<Seq>(NumberIn(skipped, "to"));
  if (from == 0 || to < from) return;
  if (!first_) {
    first_ = skipped;
    from_ = from;
    to_ = to;
  }
  const std::string* const reason = skipped.Detail("reason");
  const std::string* const before = first_->Detail("reason");
  if (reason != nullptr && before != nullptr && *reason != *before) {
    Set(*first_, "reason", kSeveral);
  }
  from_ = std::min(from_, from);
  to_ = std::max(to_, to);
  ++ranges_;
  events_ += to - from + 1;
}

std::optional<Event> SkipSum::Take(Timestamp now) {
  auto whole = std::exchange(first_, std::nullopt);
  if (!whole) return std::nullopt;
  whole->time = now;
  Set(*whole, "from", std::to_string(from_));
  Set(*whole, "to", std::to_string(to_));
  whole->details.emplace_back("ranges", std::to_string(std::exchange(ranges_, 0)));
  whole->details.emplace_back("events", std::to_string(std::exchange(events_, 0)));
  return whole;
}

}  // namespace broker
