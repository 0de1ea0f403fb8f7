#include "platform/linux/agent_unit.h"

#include <csignal>
#include <cstdint>
#include <vector>

#include "platform/linux/exec_command.h"
#include "platform/linux/stable_hash.h"

namespace broker {
namespace {

constexpr std::chrono::microseconds kStartTime{30'000'000};
// How long it may take to die of SIGKILL.
constexpr std::chrono::microseconds kDyingTime{5'000'000};
// Source: systemd.exec(5), "Process exit codes".
constexpr int32_t kFirstSetupCode = 200;
constexpr uint64_t kMicrosecondsInPercent = 10'000;

void AddTexts(BusWriter& writer, const char* property, const std::vector<std::string>& texts) {
  writer.Open('r', "sv").Add("s", property).Open('v', "as").Texts(texts).Close().Close();
}

/// Where nobody counts the memory of all of the agent's processes, each is held to the limit alone.
void AddLimits(BusWriter& writer, const LaunchLimits& limits, bool limits_memory) {
  const auto add = [&](const char* property, uint64_t value) {
    if (value != 0) writer.Add("(sv)", property, "t", value);
  };
  add("MemoryMax", limits.memory_bytes);
  if (!limits_memory) {
    add("LimitDATA", limits.memory_bytes);
    add("LimitDATASoft", limits.memory_bytes);
  }
  add("TasksMax", limits.tasks);
  add("LimitNOFILE", limits.open_files);
  add("LimitNOFILESoft", limits.open_files);
  add("CPUQuotaPerSecUSec", limits.cpu_percent * kMicrosecondsInPercent);
}

/// Root's agents are not counted as the user's: no limit of the user's keeps them from running.
void AddUser(BusWriter& writer, const LaunchOrder& order) {
  const bool of_system = order.token == TokenKind::kSystem;
  const std::string user(of_system ? "0" : order.session->UserId());
  writer.Text("User", user);
  writer.Text("Slice", of_system ? "system.slice" : "user-" + user + ".slice");
  // A home that is not there is no reason not to run.
  writer.Text("WorkingDirectory",
              !order.directory.empty() ? order.directory : (of_system ? "/" : "-~"));
}

LaunchEnd NotStarted(const UnitState& state) {
  const bool by_setup = state.job_result == "failed" && state.exit_kind == CLD_EXITED &&
                        state.exit_status >= kFirstSetupCode;
  const std::string why = "the service manager could not start it (" + state.job_result +
                          "); journalctl has what it says of that";
  return EndOfFailed(Explain(CodeSystem::kLinux, LaunchStage::kSpawn,
                             by_setup ? "exec" : "JobRemoved: " + state.job_result,
                             by_setup ? state.exit_status : 0, why));
}

}  // namespace

std::string UnitOfAgent(const LaunchOrder& order) {
  const bool of_user = order.scope == LaunchScope::kUser;
  StableHash hash;
  hash.Add(order.instance).Add(order.agent).Add(Name(order.scope));
  hash.Add(of_user ? order.session->UserId() : order.session->Key());
  return "usher-agent-" + order.instance + "_" + order.agent + "-" + hash.Hex() + ".service";
}

std::string UnitsOfInstance(const std::string& instance) {
  return "usher-agent-" + instance + "_*.service";
}

void AddAgentProperties(BusWriter& writer, const LaunchOrder& order, const LaunchMeans& means) {
  writer.Text("Description", "Usher: agent " + order.agent + " of " + order.instance +
                                 ", session " + std::string(order.session->Id()));
  writer.Text("Type", "exec");
  // Nobody is there any more to see how one ends that ends with the broker.
  if (!order.keep) writer.Text("CollectMode", "inactive-or-failed");
  // The agent itself is asked, and ends its helpers in its own order; what it leaves behind goes
  // with it at once, so that its end is known when it happens.
  writer.Text("KillMode", "mixed");
  // A time of 0 would mean without end, once the service manager has read its units anew, and a
  // very short one leaves behind who has yet to die of its last signal.
  const bool at_once = order.stop_time == std::chrono::microseconds(0);
  const auto stop_time = at_once ? kDyingTime : order.stop_time;
  writer.Add("(sv)", "KillSignal", "i", at_once ? SIGKILL : SIGTERM);
  writer.Add("(sv)", "TimeoutStopUSec", "t", static_cast<uint64_t>(stop_time.count()));
  writer.Add("(sv)", "TimeoutStartUSec", "t", static_cast<uint64_t>(kStartTime.count()));
  // How often it may be started is for whoever asks for it to say.
  writer.Add("(sv)", "StartLimitIntervalUSec", "t", static_cast<uint64_t>(0));
  writer.Add("(sv)", "IgnoreSIGPIPE", "b", 0);
  writer.Text("StandardInput", "null").Text("StandardOutput", "journal");
  writer.Text("StandardError", "journal").Text("SyslogIdentifier", "usher-agent-" + order.agent);
  if (!means.bound_to.empty()) {
    AddTexts(writer, "BindsTo", {means.bound_to});
    AddTexts(writer, "After", {means.bound_to});
    // What is true of that is true of the agent: so no more units are looked at for its start.
    writer.Add("(sv)", "DefaultDependencies", "b", 0);
  }
  AddUser(writer, order);
  AddLimits(writer, order.limits, means.limits_memory);
  AddTexts(writer, "Environment", means.environment);
  AddCommand(writer, order.program, order.arguments);
}

uint64_t DigestOfAgentUnit(const LaunchOrder& order, const LaunchMeans& means) {
  BusWriter writer;
  AddAgentProperties(writer, order, means);
  return writer.Digest();
}

std::optional<LaunchEnd> EndOfAgentUnit(const UnitState& state, bool stopped) {
  const bool inactive = state.active_state == "inactive" || state.active_state == "failed";
  const auto none = std::chrono::microseconds(0);
  if (state.job_result.empty()) return std::nullopt;
  if (!HasStarted(state)) {
    return stopped ? EndOfAgent(LaunchEndKind::kStopped, 0, none) : NotStarted(state);
  }
  // It did not even die of SIGKILL in time: nobody will tell of its exit any more.
  const bool left_behind = state.active_state == "failed" && state.result == "timeout";
  // Else without an exit what is known is older than its start.
  if (!inactive || (state.exit_kind == 0 && !(stopped && left_behind))) return std::nullopt;
  if (stopped) return EndOfAgent(LaunchEndKind::kStopped, state.exit_status, none);
  const bool exited = state.exit_kind == CLD_EXITED;
  LaunchEnd end = EndOfAgent(exited ? LaunchEndKind::kExited : LaunchEndKind::kSignaled,
                             state.exit_status, none);
  end.system = CodeSystem::kLinux;
  if (state.result == "oom-kill") end.meaning += ": it used more memory than it may";
  return end;
}

}  // namespace broker
