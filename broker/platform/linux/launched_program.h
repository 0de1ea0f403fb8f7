#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "action/run.h"
#include "event/mutex.h"

namespace broker {

/// A program that is about to start, runs, or has ended. Not thread-safe.
class LaunchedProgram {
 public:
  virtual ~LaunchedProgram() = default;

  /// Descriptors that can be read once something has happened to it.
  [[nodiscard]] virtual std::vector<int> Fds() const { return {}; }
  /// When it is to be looked at although nothing has happened.
  [[nodiscard]] virtual Condition::TimePoint LookAt() const { return Condition::TimePoint::max(); }
  /// Takes in what has happened, and does what is due; never waits.
  virtual void Look() {}

  /// Its process, once it is at work; 0 before.
  [[nodiscard]] virtual int64_t Pid() const = 0;
  /// How it ended, it and all that it started; its output and time are not in it.
  [[nodiscard]] virtual const std::optional<RunEnd>& End() const = 0;

  /// Asks it to end; two seconds later it is made to.
  virtual void Cancel() noexcept = 0;
};

}  // namespace broker
