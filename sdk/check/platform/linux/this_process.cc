#include "sdk/check/platform/this_process.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace broker::check {
namespace {

std::string Umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return std::to_string(mask);
}

/// "default", "ignored", or "a handler"; empty for signals that there are not.
std::string ActionOf(int number) {
  struct sigaction action = {};
  if (::sigaction(number, nullptr, &action) != 0) return {};
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) return "default";
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) return "ignored";
  return "a handler";
}

}  // namespace

bool IsPrivileged() {
  return ::geteuid() == 0;
}

size_t ThreadCount() {
  std::error_code ignored;  // No /proc: no threads are seen.
  const std::filesystem::directory_iterator tasks("/proc/self/task", ignored);
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

uint64_t HeapBytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::vector<std::pair<std::string, std::string>> ReadProcessState() {
  std::error_code ignored;
  std::vector<std::pair<std::string, std::string>> state{
      {"the working directory", std::filesystem::current_path(ignored).string()},
      {"the umask", Umask()},
      {"the locale", std::setlocale(LC_ALL, nullptr)}};
  for (int number = 1; number < NSIG; ++number) {
    const char* const name = ::sigabbrev_np(number);
    if (name == nullptr) continue;
    state.emplace_back("what SIG" + std::string(name) + " does", ActionOf(number));
  }
  return state;
}

}  // namespace broker::check
