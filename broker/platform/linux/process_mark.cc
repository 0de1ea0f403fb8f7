#include "platform/linux/process_mark.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which forgets to say that it is C.
}

#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

constexpr int kMostRounds = 100;  // Who forks all the time outruns any number.

bool IsMarked(const std::filesystem::path& process, const std::string& mark) {
  std::ifstream file(process / "environ");
  const std::string environment(std::istreambuf_iterator<char>(file), {});
  return environment.find(mark + '\0') != std::string::npos;
}

/// Ends a process if it has that mark; answers whether it had. Who gets its number when it is gone
/// is another process, which the descriptor does not mean.
bool KillIfMarked(pid_t pid, const std::filesystem::path& process, const std::string& mark) {
  const UniqueFd itself(::pidfd_open(pid, 0));
  return itself && IsMarked(process, mark) &&
         ::pidfd_send_signal(itself.get(), SIGKILL, nullptr, 0) == 0;
}

/// Ends every process with that mark; answers whether there was one.
bool KillMarkedOnce(const std::string& mark) {
  bool found = false;
  std::error_code error;
  std::filesystem::directory_iterator process("/proc", error);
  for (; !error && process != std::filesystem::directory_iterator(); process.increment(error)) {
    const std::string name = process->path().filename();
    const pid_t pid = std::atoi(name.c_str());
    if (pid > 0 && KillIfMarked(pid, process->path(), mark)) found = true;
  }
  return found;
}

}  // namespace

std::string MakeProcessMark() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return "USHER_CHILD=" + std::to_string(::gettid()) + "." + std::to_string(now.count());
}

void KillMarked(const std::string& mark) {
  for (int round = 0; round < kMostRounds && KillMarkedOnce(mark); ++round) {
  }
}

}  // namespace broker
