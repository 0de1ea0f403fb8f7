#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "event/mutex.h"

namespace broker {

/// How long a unit that has failed waits for its successor.
inline constexpr std::chrono::seconds kFailedUnitTime{5};

/// A unit that has failed and is still loaded.
struct FailedUnit {
  uint64_t made_of = 0;        ///< Its DigestOfAgentUnit.
  Condition::TimePoint until;  ///< How long it is kept for a successor.
  std::string bound_to;        ///< The unit that it would end with.
};

/// The units that are kept for their successors: to start such a one again takes the service
/// manager less time than to make it anew.
///
/// Not thread-safe.
class FailedUnits {
 public:
  void Keep(const std::string& unit, const FailedUnit& failed) { units_[unit] = failed; }
  /// It is kept no more.
  std::optional<FailedUnit> Take(const std::string& unit);
  /// All of those whose time is over by `now`; they are kept no more.
  std::vector<std::string> TakeDue(Condition::TimePoint now);
  /// All of those that would end with `unit`; they are kept no more.
  std::vector<std::string> TakeBoundTo(const std::string& unit);

  [[nodiscard]] bool Has(const std::string& unit) const { return units_.count(unit) > 0; }
  [[nodiscard]] bool IsEmpty() const { return units_.empty(); }
  /// When the next one's time is over; the end of time where there is none.
  [[nodiscard]] Condition::TimePoint NextDue() const;

 private:
  template <class Is>
  std::vector<std::string> TakeThose(const Is& is);

  std::map<std::string, FailedUnit> units_;
};

}  // namespace broker
