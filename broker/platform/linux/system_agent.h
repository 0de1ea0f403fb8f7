#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action/launch.h"
#include "event/mutex.h"
#include "platform/linux/session_environment.h"

namespace broker {

/// What an agent gets beside what is ordered.
struct LaunchMeans {
  Environment environment;
  std::string bound_to;  ///< The unit with whose end it ends; may be empty.
  /// Whether its processes can be held to a limit of memory together: see HasMemoryController.
  bool limits_memory = true;
};

/// One agent as the system has it: maybe it runs already. Not thread-safe.
class SystemAgent {
 public:
  /// What runs goes on.
  virtual ~SystemAgent() = default;

  /// Descriptors that can be read once something has happened to it.
  [[nodiscard]] virtual std::vector<int> Fds() const { return {}; }
  /// When it is to be looked at although nothing has happened.
  [[nodiscard]] virtual Condition::TimePoint LookAt() const { return Condition::TimePoint::max(); }
  /// Takes in what has happened, and does what is due; never waits.
  virtual void Look() {}

  /// Whether it is known not to run, and nothing has been done about it yet.
  [[nodiscard]] virtual bool WantsLaunch() const = 0;
  /// Starts it, if it wants to be; it may want that again, when what was there before had to end.
  virtual void Launch(const LaunchOrder& order, LaunchMeans means) = 0;

  /// Once it is at work; how long that took is said of those that were adopted only.
  [[nodiscard]] virtual const std::optional<LaunchStart>& Begun() const = 0;
  /// How it ended, it and all that it started; how long it ran is not in it.
  [[nodiscard]] virtual const std::optional<LaunchEnd>& End() const = 0;

  /// Asks it to end, and after its time makes it.
  virtual void Stop() noexcept = 0;
};

/// The units of all agents that were asked for, those included that have to wait for another's end.
class AskedUnits {
 public:
  virtual ~AskedUnits() = default;
  [[nodiscard]] virtual bool Has(std::string_view unit) const = 0;
};

}  // namespace broker
