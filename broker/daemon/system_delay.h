#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "event/diagnostics.h"
#include "plugin_host/announcer.h"
#include "plugin_host/managed_plugin.h"
#include "source/source.h"

namespace broker {

class Hub;

/// Has the machine wait, before it sleeps or goes down, until the plugins that want to know are
/// done with the event that says so, and all is on the disk. The machine does not wait for ever:
/// half a second before it stops to, who is not done is told of in a plugin.overdue, and it is let
/// go.
///
/// Hears of the events by the signals; waits on a thread of its own.
class SystemDelay {
 public:
  /// What it works with; all of it must outlive this.
  struct Parts {
    Hub& hub;
    Source& source;
    Announcer& announcer;
    Diagnostics& diagnostics;
    /// Who wants events of this type, and is not done with this one.
    std::function<std::vector<PluginStatus>(EventType, Seq)> owing;
    /// Brings what was announced until now to the disk; false where that takes longer.
    std::function<bool(std::chrono::milliseconds)> sync;
  };

  explicit SystemDelay(Parts parts);
  /// The machine is left waiting, if it does: the source lets it go at its own end.
  ~SystemDelay();
  SystemDelay(const SystemDelay&) = delete;
  SystemDelay& operator=(const SystemDelay&) = delete;

 private:
  class Departures;
  struct Departure;

  void Run();
  void SeeOff(const Departure& departure);
  [[nodiscard]] std::vector<PluginStatus> WaitUntilDone(const Departure& departure);
  void TellOverdue(const PluginStatus& plugin, const Departure& departure);

  const Parts parts_;
  const std::shared_ptr<Departures> departures_;
  std::thread thread_;
};

}  // namespace broker
