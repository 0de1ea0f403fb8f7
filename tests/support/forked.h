#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace broker::testing {

/// What `body()` answers in a child process.
template <class Body>
int ExitOfChild(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A process whose parent has taken something (`take()`), has forked it, and is dead. Ends with
/// this.
class Orphan {
 public:
  template <class Take>
  explicit Orphan(Take take) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) std::abort();
    ExitOfChild([&] {
      const auto taken = take();
      if (!taken.ok()) return 1;
      const pid_t orphan = ::fork();
      while (orphan == 0) ::pause();
      // It dies with what it has taken, which is not given back.
      ::_exit(::write(pipe[1], &orphan, sizeof orphan) == sizeof orphan ? 0 : 1);
    });
    ::close(pipe[1]);
    if (::read(pipe[0], &pid_, sizeof pid_) != sizeof pid_) std::abort();
    ::close(pipe[0]);
  }
  ~Orphan() { ::kill(pid_, SIGKILL); }
  Orphan(const Orphan&) = delete;
  Orphan& operator=(const Orphan&) = delete;

 private:
  pid_t pid_ = 0;
};

}  // namespace broker::testing
