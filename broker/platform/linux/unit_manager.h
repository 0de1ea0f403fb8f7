#pragma once

#include <systemd/sd-bus.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "action/run.h"
#include "platform/linux/launched_program.h"
#include "platform/linux/logind_bus.h"
#include "platform/linux/run_io.h"
#include "platform/linux/unit_state.h"

namespace broker {

/// Runs programs as transient units of the system's service manager, spoken to directly at its own
/// socket: that needs no bus, whose connections are limited, and root only. There is a connection
/// only while there is something to run: it hears of every unit of the system.
///
/// Not thread-safe; nothing waits. Source: org.freedesktop.systemd1(5), sd-bus(3).
class UnitManager {
 public:
  UnitManager();
  ~UnitManager();
  UnitManager(const UnitManager&) = delete;
  UnitManager& operator=(const UnitManager&) = delete;

  /// Whether there is a service manager that does such things for this process.
  [[nodiscard]] static bool IsThere();

  /// Asks for a unit with this program; what comes of it is in what it answers, which must not
  /// outlive this.
  std::unique_ptr<LaunchedProgram> Start(const RunOrder& order, const RunIo& io);

  [[nodiscard]] PollWish Wish() const;
  /// Takes in what came and sends what is left to be sent.
  void Process();
  /// The same until all is sent, for a moment at most.
  void Flush();

 private:
  class Program;

  Status Connect();
  Status AskForUnit(Program& program, const RunOrder& order, const RunIo& io);
  void AskForStop(const std::string& name);
  [[nodiscard]] bool HasMoreToSend() const;
  void Hear(sd_bus_message* message);
  void HearJob(sd_bus_message* message);
  void Forget(const Program& program);
  void Lose();

  sd_bus* bus_ = nullptr;
  const std::string prefix_;
  uint64_t last_ = 0;
  std::map<std::string, Program*, std::less<>> programs_;  ///< By the path of the unit's object.
};

}  // namespace broker
