#include "platform/linux/child_start.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which forgets to say that it is C.
}

#include "platform/linux/os_error.h"

namespace broker {
namespace {

constexpr int kFirstFreeFd = 3;
constexpr int kExecFailed = 127;
constexpr mode_t kMask = 0022;
constexpr size_t kMostGroups = 1024;
constexpr size_t kUserBytes = 16384;

ChildFailure FailureOf(std::string_view call) {
  ChildFailure failure;
  failure.error = errno;
  for (size_t i = 0; i < call.size() && i + 1 < failure.call.size(); ++i) {
    failure.call.at(i) = call[i];
  }
  return failure;
}

/// What the child does between fork and exec: nothing that takes a lock or memory.
class Child {
 public:
  explicit Child(const ChildPlan& plan)
      : plan_(plan), texts_(plan.arguments), variables_(plan.variables) {
    const ProgramUser& user = plan.user;
    for (const auto& [name, value] : {std::pair("HOME=", &user.home),
                                      {"USER=", &user.name},
                                      {"LOGNAME=", &user.name},
                                      {"SHELL=", &user.shell}}) {
      variables_.push_back(name + *value);
    }
    for (std::string& text : texts_) arguments_.push_back(text.data());
    for (std::string& text : variables_) environment_.push_back(text.data());
    arguments_.push_back(nullptr);
    environment_.push_back(nullptr);
  }

  [[noreturn]] void Exec(int failures) const {
    ::setsid();
    // Where that fails it is where it is, and found by its environment alone.
    if (plan_.group >= 0) static_cast<void>(!::write(plan_.group, "0", 1));
    ConnectStandardStreams(failures);
    if (::dup3(failures, kFirstFreeFd, O_CLOEXEC) < 0) Fail(failures, "dup3");
    ::close_range(kFirstFreeFd + 1, ~0U, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int ignored : {SIGPIPE, SIGXFSZ}) ::signal(ignored, SIG_DFL);
    ::umask(kMask);
    for (const auto& [resource, most] : plan_.limits) {
      const rlimit limit{most, most};
      if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) {
        Fail(kFirstFreeFd, "setrlimit");
      }
    }
    BecomeUser();
    const bool there = ::chdir(plan_.directory.c_str()) == 0;
    if (!there && !(plan_.may_miss_directory && ::chdir("/") == 0)) Fail(kFirstFreeFd, "chdir");
    ::execve(arguments_[0], arguments_.data(), environment_.data());
    Fail(kFirstFreeFd, "execve");
  }

 private:
  void ConnectStandardStreams(int failures) const {
    const int nowhere = ::open("/dev/null", O_RDWR);
    const int input = plan_.input < 0 ? nowhere : plan_.input;
    const int output = plan_.output < 0 ? nowhere : plan_.output;
    if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) {
      Fail(failures, "dup2");
    }
  }

  void BecomeUser() const {
    const ProgramUser& user = plan_.user;
    if (user.id == ::geteuid()) return;
    if (::setgroups(user.groups.size(), user.groups.data()) != 0) Fail(kFirstFreeFd, "setgroups");
    if (::setgid(user.group) != 0) Fail(kFirstFreeFd, "setgid");
    if (::setuid(user.id) != 0) Fail(kFirstFreeFd, "setuid");
  }

  [[noreturn]] static void Fail(int failures, std::string_view call) {
    const ChildFailure failure = FailureOf(call);
    // Whoever reads it sees at least that there is nothing.
    static_cast<void>(!::write(failures, &failure, sizeof failure));
    ::_exit(kExecFailed);
  }

  const ChildPlan& plan_;
  std::vector<std::string> texts_;
  std::vector<std::string> variables_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
};

}  // namespace

Result<ProgramUser> ReadUser(uid_t id) {
  std::array<char, kUserBytes> buffer{};
  passwd entry = {};
  passwd* found = nullptr;
  const int error = ::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return error == 0
               ? Status(StatusCode::kNotFound, "there is no user with the id " + std::to_string(id))
               : OsError("cannot look up user " + std::to_string(id), error);
  }
  ProgramUser user{id,           entry.pw_gid,  std::vector<gid_t>(kMostGroups), entry.pw_name,
                   entry.pw_dir, entry.pw_shell};
  int count = static_cast<int>(user.groups.size());
  if (::getgrouplist(entry.pw_name, entry.pw_gid, user.groups.data(), &count) < 0) {
    return Status(StatusCode::kIo, "user " + std::to_string(id) + " is in too many groups");
  }
  user.groups.resize(static_cast<size_t>(count));
  return user;
}

std::optional<StartedChild> StartChild(const ChildPlan& plan, ChildFailure& failure) {
  const Child child(plan);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    failure = FailureOf("pipe2");
    return std::nullopt;
  }
  StartedChild started;
  started.failures = UniqueFd(ends[0]);
  const UniqueFd failures_made(ends[1]);
  // Out of the way of the standard streams.
  const UniqueFd failures_end(::fcntl(ends[1], F_DUPFD_CLOEXEC, kFirstFreeFd + 1));
  ::fcntl(started.failures.get(), F_SETFL, O_NONBLOCK);
  started.pid = ::fork();
  if (started.pid == 0) child.Exec(failures_end.get());
  started.process = UniqueFd(started.pid < 0 ? -1 : ::pidfd_open(started.pid, 0));
  if (started.process) return started;
  failure = FailureOf("fork");
  if (started.pid > 0) {
    ::kill(started.pid, SIGKILL);
    ::waitpid(started.pid, nullptr, 0);
  }
  return std::nullopt;
}

std::optional<ChildFailure> ReadChildFailure(UniqueFd& failures) {
  ChildFailure failure;
  const ssize_t size = ::read(failures.get(), &failure, sizeof failure);
  if (size < 0) return std::nullopt;
  failures = UniqueFd();
  if (size != sizeof failure) return std::nullopt;
  return failure;
}

}  // namespace broker
