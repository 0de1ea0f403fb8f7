#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "event/event.h"
#include "platform/simulated/desktop.h"

namespace bench {

/// A simulated desktop with many sessions, whose users lock and unlock their screens: each action
/// is one report, and one event of the usual size. The same from run to run.
///
/// Not thread-safe.
class BusyDesktop {
 public:
  BusyDesktop(size_t sessions, const std::string& boot_id);

  [[nodiscard]] const std::shared_ptr<broker::SimulatedDesktop>& Desktop() const {
    return desktop_;
  }

  /// Somebody locks, or unlocks.
  void Act();

 private:
  std::shared_ptr<broker::SimulatedDesktop> desktop_;
  std::vector<std::string> ids_;
  std::vector<bool> locked_;
  std::mt19937_64 random_{20261120};
};

/// `count` events of such a desktop, numbered.
std::vector<broker::Event> MakeEvents(size_t count);

/// Their lines, as the log has them, newlines included.
std::vector<std::string> MakeLines(size_t count);

}  // namespace bench
