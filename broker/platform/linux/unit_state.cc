#include "platform/linux/unit_state.h"

#include <array>
#include <csignal>
#include <string_view>

#include "action/policy.h"

namespace broker {
namespace {

/// One process exit code of systemd's. Source: systemd.exec(5), "Process exit codes".
struct SetupCode {
  int code;
  const char* call;
  const char* meaning;
};
constexpr std::array kSetupCodes{
    SetupCode{200, "chdir", "its directory cannot be entered"},
    SetupCode{203, "execve",
              "it cannot be executed: is it a program of this machine, and is its interpreter "
              "there?"},
    SetupCode{209, "stdout", "its output could not be set up"},
    SetupCode{216, "setgroups", "its user's groups could not be taken on"},
    SetupCode{217, "setuid", "its user could not be taken on: is there one with this id?"},
    SetupCode{219, "cgroup", "its control group could not be made"},
};

constexpr int32_t kFirstSetupCode = 200;

RunEnd SetupFailure(const UnitState& state) {
  for (const SetupCode& known : kSetupCodes) {
    if (known.code == state.exit_status) {
      return NotStarted("start", known.call, known.code, known.meaning);
    }
  }
  return NotStarted("start", kStartUnitCall, state.exit_status,
                    "the service manager could not start it (" + state.job_result +
                        "); journalctl has what it says of that");
}

void ReadText(sd_bus_message* message, std::string& out) {
  const char* text = nullptr;
  if (sd_bus_message_read(message, "v", "s", &text) > 0) out = text;
}

template <class Number>
void ReadNumber(sd_bus_message* message, const char* type, Number& out) {
  sd_bus_message_read(message, "v", type, &out);
}

/// The number, 0 for none, and the object of a job.
void ReadJob(sd_bus_message* message, bool& has_job) {
  uint32_t number = 0;
  if (sd_bus_message_read(message, "v", "(uo)", &number, nullptr) > 0) has_job = number != 0;
}

void ReadProperty(sd_bus_message* message, std::string_view name, UnitState& state) {
  if (name == "ActiveState") return ReadText(message, state.active_state);
  if (name == "Result") return ReadText(message, state.result);
  if (name == "ExecMainCode") return ReadNumber(message, "i", state.exit_kind);
  if (name == "ExecMainStatus") return ReadNumber(message, "i", state.exit_status);
  if (name == "ExecMainPID") return ReadNumber(message, "u", state.pid);
  if (name == "ExecMainStartTimestampMonotonic") return ReadNumber(message, "t", state.started_us);
  if (name == "Job") return ReadJob(message, state.has_job);
  sd_bus_message_skip(message, "v");
}

}  // namespace

bool HasStarted(const UnitState& state) {
  if (state.job_result == "done") return true;
  const bool by_setup = state.exit_kind == CLD_EXITED && state.exit_status >= kFirstSetupCode;
  return state.job_result == "failed" && state.exit_kind != 0 && state.result != "timeout" &&
         !by_setup;
}

std::chrono::steady_clock::time_point StartOf(const UnitState& state) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(state.started_us));
}

void ForgetEndBefore(std::chrono::steady_clock::time_point time, UnitState& state) {
  if (StartOf(state) < time) state.exit_kind = state.exit_status = 0;
}

std::optional<RunEnd> EndOfUnit(const UnitState& state, bool ran_out) {
  const bool inactive = state.active_state == "inactive" || state.active_state == "failed";
  if (state.job_result.empty() || !inactive) return std::nullopt;
  if (state.job_result == "canceled") return EndOfProgram(RunEndKind::kCancelled, 0);
  if (!HasStarted(state)) return SetupFailure(state);
  if (state.exit_kind == 0) return std::nullopt;  // What is known is older than its start.
  if (state.result == "timeout" && ran_out) return EndOfProgram(RunEndKind::kTimedOut, 0);
  const bool exited = state.exit_kind == CLD_EXITED;
  return EndOfProgram(exited ? RunEndKind::kExited : RunEndKind::kSignaled, state.exit_status);
}

void ReadUnitChange(sd_bus_message* message, UnitState& state) {
  const char* interface = nullptr;
  if (sd_bus_message_read(message, "s", &interface) < 0) return;
  ReadUnitProperties(message, state);
}

void ReadUnitProperties(sd_bus_message* message, UnitState& state) {
  if (sd_bus_message_enter_container(message, 'a', "{sv}") < 0) return;
  while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
    const char* name = nullptr;
    if (sd_bus_message_read(message, "s", &name) < 0) return;
    ReadProperty(message, name, state);
    if (sd_bus_message_exit_container(message) < 0) return;
  }
}

}  // namespace broker
