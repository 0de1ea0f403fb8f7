#include "platform/linux/forked_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "action/policy.h"
#include "platform/linux/child_start.h"
#include "platform/linux/os_error.h"
#include "platform/linux/process_mark.h"
#include "platform/linux/session_user.h"
#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kGrace{2};

Result<uid_t> UserOf(const RunOrder& order) {
  if (order.run_as == RunAs::kRoot) return ::geteuid();
  if (const auto number = UserNumberOf(*order.session)) return *number;
  return Status(StatusCode::kInvalid, "the session's user has no id");
}

ChildPlan PlanOf(const RunOrder& order, const RunIo& io, ProgramUser user,
                 const std::string& mark) {
  ChildPlan plan;
  plan.directory = order.directory;
  if (plan.directory.empty()) plan.directory = order.run_as == RunAs::kRoot ? "/" : user.home;
  plan.may_miss_directory = order.directory.empty();
  plan.user = std::move(user);
  plan.arguments = order.arguments;
  plan.arguments.insert(plan.arguments.begin(), order.program);
  plan.variables = BuildEnvironment(order);
  plan.variables.push_back(mark);
  plan.input = io.Input();
  plan.output = io.OutputEnd();
  return plan;
}

class ForkedProgram final : public LaunchedProgram {
 public:
  ForkedProgram(StartedChild child, std::string mark, const RunOrder& order)
      : pid_(child.pid),
        program_(order.program),
        mark_(std::move(mark)),
        process_(std::move(child.process)),
        failures_(std::move(child.failures)),
        ask_at_(steady_clock::now() + order.time_limit) {}
  ~ForkedProgram() override {
    if (!end_) Reap();
  }
  ForkedProgram(const ForkedProgram&) = delete;
  ForkedProgram& operator=(const ForkedProgram&) = delete;

  [[nodiscard]] std::vector<int> Fds() const override { return {process_.get(), failures_.get()}; }
  [[nodiscard]] Condition::TimePoint LookAt() const override { return asked_ ? kill_at_ : ask_at_; }

  void Look() override {
    if (end_) return;
    if (failures_) ReadFailure();
    siginfo_t info = {};
    const bool known = ::waitid(P_PIDFD, static_cast<id_t>(process_.get()), &info,
                                WEXITED | WNOHANG | WNOWAIT) == 0;
    if (known && info.si_pid != 0) return Finish();
    const auto now = steady_clock::now();
    if (!asked_ && now >= ask_at_) {
      timed_out_ = true;
      Ask();
    }
    if (asked_ && now >= kill_at_) {
      ::kill(-pid_, SIGKILL);
      kill_at_ = Condition::TimePoint::max();
    }
  }

  [[nodiscard]] int64_t Pid() const override { return failures_ || failure_ ? 0 : pid_; }
  [[nodiscard]] const std::optional<RunEnd>& End() const override { return end_; }

  void Cancel() noexcept override {
    cancelled_ = true;
    if (!asked_) Ask();
  }

 private:
  void Ask() noexcept {
    asked_ = true;
    kill_at_ = steady_clock::now() + kGrace;
    ::kill(-pid_, SIGTERM);
  }

  /// Nothing to be read and no writer left: the program is at work.
  void ReadFailure() { failure_ = ReadChildFailure(failures_); }

  void Finish() {
    if (failures_) ReadFailure();
    const siginfo_t info = Reap();
    if (failure_) {
      const Status why = OsError("cannot run", program_, failure_->error);
      end_ = NotStarted("start", failure_->call.data(), failure_->error, why.message());
    } else if (cancelled_) {
      end_ = EndOfProgram(RunEndKind::kCancelled, 0);
    } else if (timed_out_) {
      end_ = EndOfProgram(RunEndKind::kTimedOut, 0);
    } else {
      const bool exited = info.si_code == CLD_EXITED;
      end_ = EndOfProgram(exited ? RunEndKind::kExited : RunEndKind::kSignaled, info.si_status);
    }
  }

  /// Ends whatever is left of it.
  siginfo_t Reap() const {
    ::kill(-pid_, SIGKILL);  // The group is its as long as it is not waited for.
    siginfo_t info = {};
    while (::waitid(P_PIDFD, static_cast<id_t>(process_.get()), &info, WEXITED) != 0 &&
           errno == EINTR) {
    }
    KillMarked(mark_);
    return info;
  }

  const pid_t pid_;
  const std::string program_;
  const std::string mark_;
  const UniqueFd process_;
  UniqueFd failures_;  ///< Open until it is known whether the exec has succeeded.
  std::optional<ChildFailure> failure_;
  Condition::TimePoint ask_at_;
  Condition::TimePoint kill_at_ = Condition::TimePoint::max();
  bool asked_ = false;
  bool cancelled_ = false;
  bool timed_out_ = false;
  std::optional<RunEnd> end_;
};

std::unique_ptr<LaunchedProgram> Refuse(RunEnd& failure, RunEnd why) {
  failure = std::move(why);
  return nullptr;
}

}  // namespace

std::unique_ptr<LaunchedProgram> ForkProgram(const RunOrder& order, const RunIo& io,
                                             RunEnd& failure) {
  const Result<uid_t> id = UserOf(order);
  if (!id.ok()) return Refuse(failure, NotStarted("session", "", 0, id.status().message()));
  if (::geteuid() != 0 && id.value() != ::geteuid()) {
    return Refuse(failure, NotStarted("policy", "", EPERM,
                                      "the broker is not root's, so it runs programs as its own "
                                      "user only; start it as root"));
  }
  Result<ProgramUser> user = ReadUser(id.value());
  if (!user.ok()) {
    return Refuse(failure, NotStarted("session", "getpwuid", 0, user.status().message()));
  }
  const std::string mark = MakeProcessMark();
  ChildFailure why;
  auto child = StartChild(PlanOf(order, io, std::move(user).value(), mark), why);
  if (child) return std::make_unique<ForkedProgram>(*std::move(child), mark, order);
  const std::string call = why.call.data();
  const Status text = OsError("cannot start", order.program, why.error);
  return Refuse(failure,
                NotStarted(call == "fork" ? "start" : "prepare", call, why.error, text.message()));
}

}  // namespace broker
