#pragma once

#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "action/run.h"

namespace broker {

/// The service manager's method that starts a transient unit.
inline constexpr const char* kStartUnitCall = "StartTransientUnit";

/// What is known of one transient unit.
struct UnitState {
  std::string job_result;    ///< How the job that started it ended; empty: it has not.
  std::string active_state;  ///< The unit's ActiveState, as it was told last.
  std::string result;        ///< The service's Result.
  int32_t exit_kind = 0;     ///< ExecMainCode: CLD_EXITED, …; 0 while it runs.
  int32_t exit_status = 0;   ///< ExecMainStatus.
  uint32_t pid = 0;
  uint64_t started_us = 0;  ///< Since when that process runs, monotonic.
  bool has_job = false;     ///< It is being started, stopped, or both.
};

/// Whether its program was executed. One that ends at once may be dead before its job is done,
/// which then has failed. Pure.
[[nodiscard]] bool HasStarted(const UnitState& state);

/// When its process began to run: the service manager's monotonic clock is that of steady_clock.
/// Pure.
[[nodiscard]] std::chrono::steady_clock::time_point StartOf(const UnitState& state);

/// Leaves out how a run ended that began before `time`. Pure.
void ForgetEndBefore(std::chrono::steady_clock::time_point time, UnitState& state);

/// How the run of a unit ended; nullopt while it goes on. `ran_out` says whether its time limit has
/// been reached. Pure. Source: org.freedesktop.systemd1(5), systemd.exec(5), "Process exit codes".
[[nodiscard]] std::optional<RunEnd> EndOfUnit(const UnitState& state, bool ran_out);

/// Takes the changes that a PropertiesChanged signal tells of a unit into `state`. What cannot be
/// read leaves it as it is.
void ReadUnitChange(sd_bus_message* message, UnitState& state);

/// The same for the answer to ServiceManager::AskForProperties.
void ReadUnitProperties(sd_bus_message* message, UnitState& state);

}  // namespace broker
