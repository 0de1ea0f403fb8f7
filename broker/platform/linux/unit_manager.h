#pragma once

#include <systemd/sd-bus.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "action/run.h"
#include "platform/linux/launched_program.h"
#include "platform/linux/logind_bus.h"
#include "platform/linux/run_io.h"

namespace broker {

/// What is known of one transient unit.
struct UnitState {
  std::string job_result;    ///< How the job that started it ended; empty: it has not.
  std::string active_state;  ///< The unit's ActiveState, as it was told last.
  std::string result;        ///< The service's Result.
  int32_t exit_kind = 0;     ///< ExecMainCode: CLD_EXITED, …; 0 while it runs.
  int32_t exit_status = 0;   ///< ExecMainStatus.
  uint32_t pid = 0;
};

/// How the run of a unit ended; nullopt while it goes on. `ran_out` says whether its time limit has
/// been reached. Pure. Source: org.freedesktop.systemd1(5), systemd.exec(5), "Process exit codes".
[[nodiscard]] std::optional<RunEnd> EndOfUnit(const UnitState& state, bool ran_out);

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
