#pragma once

#include <cstdint>

#include "event/diagnostics.h"
#include "platform/linux/logind_bus.h"

namespace broker {

/// Has logind wait before the machine sleeps or goes down: the delay inhibitor, let go of once
/// everyone is done, and taken again when the machine is back. Source: systemd-inhibit(1),
/// org.freedesktop.login1(5).
///
/// Not thread-safe; lives on the source's thread.
class SleepDelay {
 public:
  /// `diagnostics` must outlive this.
  explicit SleepDelay(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// Takes an inhibitor in place of the one before, which stays where logind does not give one; if
  /// there is none, the machine will not wait, which is said once. A failure means that the
  /// connection is of no use any more.
  Status Take(LogindBus& bus);

  /// The machine is about to sleep or to go down, which is reported at `reported_us`. How long it
  /// waits for the End; 0 = not at all.
  [[nodiscard]] int64_t Begin(int64_t reported_us);

  /// Lets the machine go on, unless another report has come since.
  void End(int64_t reported_us);

  /// Gives the inhibitor up until the next Take.
  void LetGo() { inhibitor_ = {}; }

 private:
  Diagnostics& diagnostics_;
  DelayInhibitor inhibitor_;
  int64_t reported_us_ = 0;  ///< Of the report that is waited for; 0 = none.
  bool refused_ = false;
};

}  // namespace broker
