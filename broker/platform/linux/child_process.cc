#include "isolation/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which forgets to say that it is C.
}

#include "platform/linux/os_error.h"
#include "platform/linux/process_mark.h"
#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

constexpr int kChannelFd = 3;  // In the child.
constexpr int kExecFailed = 127;

#ifdef USHER_SANITIZED
constexpr bool kMayLimitMemory = false;  // They reserve more address space than any limit.
#else
constexpr bool kMayLimitMemory = true;
#endif

int MillisecondsUntil(Condition::TimePoint deadline) {
  if (deadline == Condition::TimePoint::max()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

/// Waits until `fd` can be read; false once `deadline` has passed.
bool WaitReadable(int fd, Condition::TimePoint deadline) {
  while (true) {
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, MillisecondsUntil(deadline));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // Reading will tell.
  }
}

class SocketChannel final : public Channel {
 public:
  explicit SocketChannel(UniqueFd socket) : socket_(std::move(socket)) {}

  Status Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (written >= 0) {
        bytes.remove_prefix(static_cast<size_t>(written));
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return {StatusCode::kStopped, "the other process is gone"};
      } else if (errno != EINTR) {
        return OsError("cannot write to the other process", errno);
      }
    }
    return {};
  }

  Result<size_t> Read(std::span<char> into, Condition::TimePoint deadline) override {
    while (true) {
      if (!WaitReadable(socket_.get(), deadline)) {
        return Status(StatusCode::kTimeout, "the other process said nothing in time");
      }
      const ssize_t size = ::recv(socket_.get(), into.data(), into.size(), 0);
      if (size >= 0) return static_cast<size_t>(size);
      if (errno == ECONNRESET) return size_t{0};
      if (errno != EINTR) return OsError("cannot read from the other process", errno);
    }
  }

  void Shutdown() noexcept override { ::shutdown(socket_.get(), SHUT_RDWR); }

 private:
  const UniqueFd socket_;
};

/// The child's environment is made of nothing but these and its mark, so that no LD_PRELOAD, path
/// or secret of this process is its: how text is written, the time zone, and what sanitizers are
/// told.
constexpr auto kInherited = std::to_array<std::string_view>(
    {"LANG=", "LC_", "TZ=", "ASAN_OPTIONS=", "LSAN_OPTIONS=", "TSAN_OPTIONS=", "UBSAN_OPTIONS="});

std::vector<char*> EnvironmentOfChild(const std::string& mark) {
  std::vector<char*> kept{const_cast<char*>(mark.c_str())};
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (std::ranges::any_of(kInherited, [&](auto name) { return text.starts_with(name); })) {
      kept.push_back(*variable);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

/// What the child does between fork and exec: nothing that takes a lock or memory.
struct Preparation {
  int channel = -1;
  int output = -1;
  pid_t parent = 0;
  ChildLimits limits;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;

  [[noreturn]] void Exec() const {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kExecFailed);
    const int input = ::open("/dev/null", O_RDONLY);
    if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0 ||
        ::dup2(channel, kChannelFd) < 0) {
      ::_exit(kExecFailed);
    }
    ::close_range(kChannelFd + 1, ~0U, 0);
    Limit(RLIMIT_CORE, 0);
    if (limits.file_bytes != 0) Limit(RLIMIT_FSIZE, limits.file_bytes);
    if (kMayLimitMemory && limits.memory_bytes != 0) Limit(RLIMIT_AS, limits.memory_bytes);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(arguments[0], arguments, environment);
    ::_exit(kExecFailed);
  }

  static void Limit(__rlimit_resource resource, uint64_t most) {
    const rlimit limit{most, most};
    ::setrlimit(resource, &limit);
  }
};

/// A descriptor above those that the child gives a meaning.
UniqueFd OutOfTheWay(const UniqueFd& fd) {
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kChannelFd + 1));
}

class LinuxChild final : public ChildProcess {
 public:
  LinuxChild(pid_t pid, std::string mark, UniqueFd process, UniqueFd channel, UniqueFd output)
      : pid_(pid),
        mark_(std::move(mark)),
        process_(std::move(process)),
        output_(std::move(output)),
        channel_(std::move(channel)) {}
  ~LinuxChild() override {
    Kill();
    Wait(Condition::TimePoint::max());
  }
  LinuxChild(const LinuxChild&) = delete;
  LinuxChild& operator=(const LinuxChild&) = delete;

  Channel& GetChannel() override { return channel_; }

  std::optional<ProcessEnd> Wait(Condition::TimePoint deadline) override {
    if (end_) return end_;
    if (!WaitReadable(process_.get(), deadline)) return std::nullopt;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    ::kill(-pid_, SIGKILL);  // Whom it left behind,
    KillMarked(mark_);       // also elsewhere.
    end_.emplace();
    if (WIFEXITED(status)) end_->code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end_->signal = NameOf(WTERMSIG(status));
    return end_;
  }

  void Kill() noexcept override {
    if (!end_) ::kill(-pid_, SIGKILL);
  }

  [[nodiscard]] std::string Output(size_t limit) const override {
    std::string text(limit, '\0');
    const ssize_t size = ::pread(output_.get(), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return text;
  }

 private:
  static std::string NameOf(int number) {
    const char* const name = ::sigabbrev_np(number);
    const char* const meaning = ::sigdescr_np(number);
    if (name == nullptr || meaning == nullptr) return "signal " + std::to_string(number);
    std::string text = "SIG" + std::string(name) + " (" + meaning + ")";
    return text;
  }

  const pid_t pid_;
  const std::string mark_;
  const UniqueFd process_;
  const UniqueFd output_;
  SocketChannel channel_;
  std::optional<ProcessEnd> end_;
};

}  // namespace

std::unique_ptr<Channel> OpenParentChannel() {
  return std::make_unique<SocketChannel>(OutOfTheWay(UniqueFd(kChannelFd)));
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const ChildOptions& options) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return OsError("cannot make a channel to a child process", errno);
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs = OutOfTheWay(UniqueFd(ends[1]));
  UniqueFd output = OutOfTheWay(UniqueFd(::memfd_create("output", MFD_CLOEXEC)));
  if (!theirs || !output) return OsError("cannot make a channel to a child process", errno);
  std::vector<char*> arguments{const_cast<char*>(options.program.c_str())};
  for (const std::string& argument : options.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  std::string mark = MakeProcessMark();
  const std::vector<char*> environment = EnvironmentOfChild(mark);
  const Preparation child{theirs.get(),   output.get(),     ::getpid(),
                          options.limits, arguments.data(), environment.data()};
  const pid_t pid = ::fork();
  if (pid == 0) child.Exec();
  if (pid < 0) return OsError("cannot start", options.program, errno);
  ::setpgid(pid, pid);  // Both do it, so that it is done before either goes on.
  UniqueFd process(::pidfd_open(pid, 0));
  if (!process) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return OsError("cannot watch the child process", options.program, error);
  }
  return std::unique_ptr<ChildProcess>(std::make_unique<LinuxChild>(
      pid, std::move(mark), std::move(process), std::move(ours), std::move(output)));
}

}  // namespace broker
