#include "platform/linux/failed_units.h"

#include <algorithm>

namespace broker {

std::optional<FailedUnit> FailedUnits::Take(const std::string& unit) {
  const auto node = units_.extract(unit);
  if (node.empty()) return std::nullopt;
  return node.mapped();
}

template <class Is>
std::vector<std::string> FailedUnits::TakeThose(const Is& is) {
  std::vector<std::string> taken;
  for (const auto& [unit, failed] : units_) {
    if (is(failed)) taken.push_back(unit);
  }
  for (const std::string& unit : taken) units_.erase(unit);
  return taken;
}

std::vector<std::string> FailedUnits::TakeDue(Condition::TimePoint now) {
  return TakeThose([&](const FailedUnit& failed) { return failed.until <= now; });
}

std::vector<std::string> FailedUnits::TakeBoundTo(const std::string& unit) {
  return TakeThose([&](const FailedUnit& failed) { return failed.bound_to == unit; });
}

Condition::TimePoint FailedUnits::NextDue() const {
  auto next = Condition::TimePoint::max();
  for (const auto& [unit, failed] : units_) next = std::min(next, failed.until);
  return next;
}

}  // namespace broker
