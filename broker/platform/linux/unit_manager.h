#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "action/run.h"
#include "platform/linux/launched_program.h"
#include "platform/linux/run_io.h"
#include "platform/linux/service_manager.h"
#include "platform/linux/unit_state.h"

namespace broker {

/// Runs programs as transient units of the system's service manager. There is a connection only
/// while there is something to run.
///
/// Not thread-safe; nothing waits.
class UnitManager final : public UnitListener {
 public:
  UnitManager();

  /// Has the units stopped that this service's process before has left: nobody waits for them any
  /// more. Does nothing in a process that is no service. Before the first Start.
  void StopLeftovers();

  /// Asks for a unit with this program; what comes of it is in what it answers, which must not
  /// outlive this.
  std::unique_ptr<LaunchedProgram> Start(const RunOrder& order, const RunIo& io);

  [[nodiscard]] PollWish Wish() const { return manager_.Wish(); }
  /// Takes in what came and sends what is left to be sent.
  void Process();
  /// The same until all is sent, for a moment at most.
  void Flush() { manager_.Flush(); }

 private:
  class Program;

  void UnitChanged(std::string_view path, sd_bus_message* change) override;
  void JobMade(std::string_view) override {}
  void JobEnded(std::string_view path, std::string_view job, std::string_view result) override;
  void UnitsRead() override {}
  void Lost() override;

  void AskForUnit(Program& program, const RunOrder& order, const RunIo& io);
  void StopListed(sd_bus_message* units);
  void Forget(const Program& program);

  ServiceManager manager_;
  const std::string service_;           ///< The unit that this process is; empty: no service.
  const std::string owned_;             ///< How the names of the service's runs begin…
  const std::string prefix_;            ///< … and how its own do.
  std::unique_ptr<BusCall> leftovers_;  ///< The call that asks for them, until it is answered.
  uint64_t last_ = 0;
  std::map<std::string, Program*, std::less<>> programs_;  ///< By the path of the unit's object.
};

}  // namespace broker
