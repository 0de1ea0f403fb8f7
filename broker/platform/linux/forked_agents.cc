#include "platform/linux/forked_agents.h"

#include <fnmatch.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which forgets to say that it is C.
}

#include "platform/linux/agent_cgroup.h"
#include "platform/linux/agent_unit.h"
#include "platform/linux/child_start.h"
#include "platform/linux/os_error.h"
#include "platform/linux/proc_stat.h"
#include "platform/linux/process_mark.h"
#include "platform/linux/session_user.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::string_view kMark = "USHER_AGENT_UNIT";
constexpr microseconds kGrace{2'000'000};

std::string MarkOf(const std::string& unit) {
  return std::string(kMark) + "=" + unit;
}

LaunchEnd NotStarted(LaunchStage stage, std::string_view call, int32_t code, std::string_view why) {
  return EndOfFailed(Explain(CodeSystem::kLinux, stage, call, code, why));
}

std::optional<uid_t> UserOf(const LaunchOrder& order) {
  if (order.token == TokenKind::kSystem) return ::geteuid();
  return UserNumberOf(*order.session);
}

ChildPlan PlanOf(const LaunchOrder& order, Environment environment, ProgramUser user,
                 const std::string& unit) {
  ChildPlan plan;
  const bool of_system = order.token == TokenKind::kSystem;
  plan.directory = !order.directory.empty() ? order.directory : of_system ? "/" : user.home;
  plan.may_miss_directory = order.directory.empty();
  plan.user = std::move(user);
  plan.arguments = order.arguments;
  plan.arguments.insert(plan.arguments.begin(), order.program);
  plan.variables = std::move(environment);
  plan.variables.push_back(MarkOf(unit));
  const LaunchLimits& limits = order.limits;
  if (limits.memory_bytes != 0) plan.limits.emplace_back(RLIMIT_DATA, limits.memory_bytes);
  if (limits.open_files != 0) plan.limits.emplace_back(RLIMIT_NOFILE, limits.open_files);
  return plan;
}

/// When a process was started; now where that cannot be read. The kernel tells it by a clock that
/// goes on while the machine sleeps, so that such time is counted.
steady_clock::time_point BeginOf(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string stat;
  std::getline(file, stat, '\0');  // Whole: a process may have a line's end in its name.
  const std::optional<int64_t> ticks = StartTicksIn(stat);
  timespec now = {};
  if (!ticks || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return steady_clock::now();
  const microseconds begun(*ticks * 1'000'000 / ::sysconf(_SC_CLK_TCK));
  return steady_clock::now() - (seconds(now.tv_sec) + nanoseconds(now.tv_nsec) - begun);
}

class ForkedAgent final : public SystemAgent {
 public:
  ForkedAgent(std::string unit, const std::string& cgroups)
      : unit_(std::move(unit)), cgroup_(cgroups, unit_) {}
  /// One that another broker has forked.
  ForkedAgent(std::string unit, const std::string& cgroups, pid_t pid,
              steady_clock::time_point begun, UniqueFd process)
      : unit_(std::move(unit)),
        cgroup_(cgroups, unit_),
        pid_(pid),
        process_(std::move(process)),
        adopted_(true) {
    const auto age = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
    begun_ = LaunchStart{pid, true, age};
  }
  /// One that was asked to end has no more time.
  ~ForkedAgent() override {
    if (asked_ && pid_ != 0 && !end_) Reap();
  }
  ForkedAgent(const ForkedAgent&) = delete;
  ForkedAgent& operator=(const ForkedAgent&) = delete;

  [[nodiscard]] std::vector<int> Fds() const override { return {process_.get(), failures_.get()}; }
  [[nodiscard]] Condition::TimePoint LookAt() const override { return kill_at_; }
  [[nodiscard]] bool WantsLaunch() const override { return pid_ == 0 && !end_; }
  [[nodiscard]] const std::optional<LaunchStart>& Begun() const override { return begun_; }
  [[nodiscard]] const std::optional<LaunchEnd>& End() const override { return end_; }

  void Launch(const LaunchOrder& order, LaunchMeans means) override {
    stop_time_ = order.stop_time;
    program_ = order.program;
    const std::optional<uid_t> id = UserOf(order);
    if (!id || (::geteuid() != 0 && *id != ::geteuid())) {
      end_ =
          NotStarted(LaunchStage::kToken, "setuid", EPERM, "the broker cannot take on that user");
      return;
    }
    Result<ProgramUser> user = ReadUser(*id);
    if (!user.ok()) {
      end_ = NotStarted(LaunchStage::kToken, "getpwuid", 0, user.status().message());
      return;
    }
    ChildFailure failure;
    ChildPlan plan = PlanOf(order, std::move(means.environment), std::move(user).value(), unit_);
    cgroup_.Kill();  // What one before has left, whose broker was killed.
    const UniqueFd group = cgroup_.Make();
    plan.group = group.get();
    auto child = StartChild(plan, failure);
    if (!child) {
      cgroup_.Kill();
      return Fail(failure);
    }
    pid_ = child->pid;
    process_ = std::move(child->process);
    failures_ = std::move(child->failures);
  }

  void Look() override {
    if (end_ || pid_ == 0) return;
    if (failures_) failure_ = ReadChildFailure(failures_);
    if (!failures_ && !failure_ && !begun_) begun_ = LaunchStart{pid_, false, microseconds(0)};
    if (HasEnded()) return Finish();
    if (steady_clock::now() < kill_at_) return;
    ::kill(-pid_, SIGKILL);
    kill_at_ = Condition::TimePoint::max();
  }

  void Stop() noexcept override {
    if (end_ || std::exchange(asked_, true)) return;
    if (pid_ == 0) {
      end_ = EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(0));
      return;
    }
    ::kill(-pid_, SIGTERM);
    kill_at_ = steady_clock::now() + stop_time_;
  }

 private:
  /// Also of one that is somebody else's child.
  [[nodiscard]] bool HasEnded() const {
    pollfd polled{process_.get(), POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0;
  }

  void Finish() {
    if (failures_) failure_ = ReadChildFailure(failures_);
    if (!failure_ && !begun_) begun_ = LaunchStart{pid_, false, microseconds(0)};
    const siginfo_t info = Reap();
    const bool exited = info.si_code == CLD_EXITED;
    if (failure_) return Fail(*failure_);
    auto kind = exited ? LaunchEndKind::kExited : LaunchEndKind::kSignaled;
    if (adopted_) kind = LaunchEndKind::kLost;
    if (asked_) kind = LaunchEndKind::kStopped;
    end_ = EndOfAgent(kind, adopted_ ? 0 : info.si_status, microseconds(0));
    end_->system = CodeSystem::kLinux;
  }

  void Fail(const ChildFailure& failure) {
    const std::string call = failure.call.data();
    const Status why = OsError("cannot start", program_, failure.error);
    const bool of_user = call == "setuid" || call == "setgid" || call == "setgroups";
    end_ = NotStarted(of_user ? LaunchStage::kToken : LaunchStage::kSpawn, call, failure.error,
                      why.message());
  }

  /// Ends whatever is left of it.
  siginfo_t Reap() const {
    siginfo_t info = {};
    if (!adopted_) {
      ::kill(-pid_, SIGKILL);  // The group is its as long as it is not waited for.
      while (::waitid(P_PIDFD, static_cast<id_t>(process_.get()), &info, WEXITED) != 0 &&
             errno == EINTR) {
      }
    }
    KillMarked(MarkOf(unit_));
    cgroup_.Kill();
    return info;
  }

  const std::string unit_;
  const AgentCgroup cgroup_;
  std::string program_;
  pid_t pid_ = 0;  ///< And the group's; 0: none was started.
  UniqueFd process_;
  UniqueFd failures_;  ///< Open until it is known whether the exec has succeeded.
  const bool adopted_ = false;
  bool asked_ = false;
  microseconds stop_time_ = kGrace;
  Condition::TimePoint kill_at_ = Condition::TimePoint::max();
  std::optional<ChildFailure> failure_;
  std::optional<LaunchStart> begun_;
  std::optional<LaunchEnd> end_;
};

}  // namespace

std::unique_ptr<SystemAgent> ForkedAgents::Find(const std::string& unit, uid_t user) {
  FindStrangers();
  const auto found = strangers_.find(unit);
  if (found == strangers_.end() || found->second.user != user) {
    return std::make_unique<ForkedAgent>(unit, cgroups_);
  }
  return Take(strangers_.extract(found));
}

std::map<std::string, std::unique_ptr<SystemAgent>> ForkedAgents::TakeRest(
    const std::string& instance) {
  FindStrangers();
  const std::string pattern = UnitsOfInstance(instance);
  std::map<std::string, std::unique_ptr<SystemAgent>> rest;
  for (auto at = strangers_.begin(); at != strangers_.end();) {
    const auto next = std::next(at);
    const std::string unit = at->first;
    const bool is_its = ::fnmatch(pattern.c_str(), unit.c_str(), 0) == 0;
    if (is_its && !asked_.Has(unit)) rest[unit] = Take(strangers_.extract(at));
    at = next;
  }
  return rest;
}

std::unique_ptr<SystemAgent> ForkedAgents::Take(Strangers::node_type stranger) const {
  Stranger& process = stranger.mapped();
  return std::make_unique<ForkedAgent>(stranger.key(), cgroups_, process.pid, process.begun,
                                       std::move(process.process));
}

/// The agents themselves, not what they have started: these lead a session. Anybody can give a
/// process such a variable, which is why its user counts, too.
void ForkedAgents::FindStrangers() {
  if (std::exchange(knows_strangers_, true)) return;
  std::error_code error;
  std::filesystem::directory_iterator process("/proc", error);
  for (; !error && process != std::filesystem::directory_iterator(); process.increment(error)) {
    const pid_t pid = std::atoi(process->path().filename().c_str());
    if (pid <= 0 || ::getsid(pid) != pid) continue;
    UniqueFd itself(::pidfd_open(pid, 0));
    const Environment environment = ReadEnvironmentOf(pid);
    const std::string unit(ValueIn(environment, kMark));
    struct stat info = {};
    if (!itself || unit.empty() || ::stat(process->path().c_str(), &info) != 0) continue;
    strangers_.try_emplace(unit,
                           Stranger{pid, info.st_uid, BeginOf(process->path()), std::move(itself)});
  }
}

}  // namespace broker
