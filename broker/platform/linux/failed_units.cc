#include "platform/linux/failed_units.h"

#include <algorithm>

namespace broker {

std::optional<FailedUnit> FailedUnits::Take(const std::string& unit) {
  const auto node = units_.extract(unit);
  if (node.empty()) return std::nullopt;
  return node.mapped();
}

std::vector<std::string> FailedUnits::TakeDue(Condition::TimePoint now) {
  std::vector<std::string> due;
  for (const auto& [unit, failed] : units_) {
    if (failed.until <= now) due.push_back(unit);
  }
  for (const std::string& unit : due) units_.erase(unit);
  return due;
}

Condition::TimePoint FailedUnits::NextDue() const {
  auto next = Condition::TimePoint::max();
  for (const auto& [unit, failed] : units_) next = std::min(next, failed.until);
  return next;
}

}  // namespace broker
