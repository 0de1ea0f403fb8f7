#include "platform/linux/forked_program.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which forgets to say that it is C.
}

#include "action/policy.h"
#include "platform/linux/os_error.h"
#include "platform/linux/process_mark.h"
#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kGrace{2};
constexpr int kFirstFreeFd = 3;
constexpr int kExecFailed = 127;
constexpr mode_t kMask = 0022;
constexpr size_t kMostGroups = 1024;
constexpr size_t kUserBytes = 16384;

/// Who a program runs as.
struct User {
  uid_t id = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
  std::string name;
  std::string home;
  std::string shell;
};

/// What a child could not do before its exec.
struct ChildFailure {
  int error = 0;
  std::array<char, 16> call{};
};

Result<User> ReadUser(uid_t id) {
  std::array<char, kUserBytes> buffer{};
  passwd entry = {};
  passwd* found = nullptr;
  const int error = ::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return error == 0
               ? Status(StatusCode::kNotFound, "there is no user with the id " + std::to_string(id))
               : OsError("cannot look up user " + std::to_string(id), error);
  }
  User user{id,           entry.pw_gid,  std::vector<gid_t>(kMostGroups), entry.pw_name,
            entry.pw_dir, entry.pw_shell};
  int count = static_cast<int>(user.groups.size());
  if (::getgrouplist(entry.pw_name, entry.pw_gid, user.groups.data(), &count) < 0) {
    return Status(StatusCode::kIo, "user " + std::to_string(id) + " is in too many groups");
  }
  user.groups.resize(static_cast<size_t>(count));
  return user;
}

Result<uid_t> UserOf(const RunOrder& order) {
  if (order.run_as == RunAs::kRoot) return ::geteuid();
  const std::string_view text = order.session->UserId();
  uid_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size()) return id;
  return Status(StatusCode::kInvalid, "the session's user has no id");
}

/// What the child does between fork and exec: nothing that takes a lock or memory.
class Child {
 public:
  Child(const RunOrder& order, const RunIo& io, const User& user, const std::string& mark)
      : input_(io.Input()), output_(io.OutputEnd()), user_(user), directory_(order.directory) {
    if (directory_.empty()) directory_ = order.run_as == RunAs::kRoot ? "/" : user.home;
    may_miss_directory_ = order.directory.empty();
    texts_.push_back(order.program);
    texts_.insert(texts_.end(), order.arguments.begin(), order.arguments.end());
    variables_ = BuildEnvironment(order);
    for (const auto& [name, value] : {std::pair("HOME=", &user.home),
                                      {"USER=", &user.name},
                                      {"LOGNAME=", &user.name},
                                      {"SHELL=", &user.shell}}) {
      variables_.push_back(name + *value);
    }
    variables_.push_back(mark);
    for (std::string& text : texts_) arguments_.push_back(text.data());
    for (std::string& text : variables_) environment_.push_back(text.data());
    arguments_.push_back(nullptr);
    environment_.push_back(nullptr);
  }

  [[noreturn]] void Exec(int failures) const {
    ::setsid();
    if (::dup2(input_, 0) < 0 || ::dup2(output_, 1) < 0 || ::dup2(output_, 2) < 0) {
      Fail(failures, "dup2");
    }
    if (::dup3(failures, kFirstFreeFd, O_CLOEXEC) < 0) Fail(failures, "dup3");
    ::close_range(kFirstFreeFd + 1, ~0U, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::umask(kMask);
    BecomeUser();
    if (::chdir(directory_.c_str()) != 0 && !(may_miss_directory_ && ::chdir("/") == 0)) {
      Fail(kFirstFreeFd, "chdir");
    }
    ::execve(arguments_[0], arguments_.data(), environment_.data());
    Fail(kFirstFreeFd, "execve");
  }

 private:
  void BecomeUser() const {
    if (user_.id == ::geteuid()) return;
    if (::setgroups(user_.groups.size(), user_.groups.data()) != 0) Fail(kFirstFreeFd, "setgroups");
    if (::setgid(user_.group) != 0) Fail(kFirstFreeFd, "setgid");
    if (::setuid(user_.id) != 0) Fail(kFirstFreeFd, "setuid");
  }

  [[noreturn]] static void Fail(int failures, std::string_view call) {
    ChildFailure failure;
    failure.error = errno;
    for (size_t i = 0; i < call.size() && i + 1 < failure.call.size(); ++i) {
      failure.call.at(i) = call[i];
    }
    // Whoever reads it sees at least that there is nothing.
    static_cast<void>(!::write(failures, &failure, sizeof failure));
    ::_exit(kExecFailed);
  }

  const int input_;
  const int output_;
  const User& user_;
  std::string directory_;
  bool may_miss_directory_ = false;
  std::vector<std::string> texts_;
  std::vector<std::string> variables_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
};

class ForkedProgram final : public LaunchedProgram {
 public:
  ForkedProgram(pid_t pid, UniqueFd process, UniqueFd failures, std::string mark,
                const RunOrder& order)
      : pid_(pid),
        program_(order.program),
        mark_(std::move(mark)),
        process_(std::move(process)),
        failures_(std::move(failures)),
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
  void ReadFailure() {
    ChildFailure failure;
    const ssize_t size = ::read(failures_.get(), &failure, sizeof failure);
    if (size < 0) return;
    if (size == sizeof failure) failure_ = failure;
    failures_ = UniqueFd();
  }

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
  const Result<User> user = ReadUser(id.value());
  if (!user.ok()) {
    return Refuse(failure, NotStarted("session", "getpwuid", 0, user.status().message()));
  }
  const std::string mark = MakeProcessMark();
  const Child child(order, io, user.value(), mark);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Refuse(failure,
                  NotStarted("prepare", "pipe2", errno, OsError("no pipe", errno).message()));
  }
  const UniqueFd failures_made(ends[1]);
  UniqueFd failures(ends[0]);
  const UniqueFd failures_end(::fcntl(ends[1], F_DUPFD_CLOEXEC, kFirstFreeFd + 1));
  ::fcntl(failures.get(), F_SETFL, O_NONBLOCK);
  const pid_t pid = ::fork();
  if (pid == 0) child.Exec(failures_end.get());
  const int error = errno;
  UniqueFd process(pid < 0 ? -1 : ::pidfd_open(pid, 0));
  if (process) {
    return std::make_unique<ForkedProgram>(pid, std::move(process), std::move(failures), mark,
                                           order);
  }
  if (pid > 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  const Status why = OsError("cannot start", order.program, error);
  return Refuse(failure, NotStarted("start", "fork", error, why.message()));
}

}  // namespace broker
