#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "usherctl/command_line.h"
#include "usherctl/terminal.h"

namespace {

// A signal handler reaches nothing but globals.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void CatchInterrupt() {
  std::signal(SIGINT, [](int) { interrupted = true; });
}

// Source: https://no-color.org
bool WantsColour() {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (forbidden != nullptr && *forbidden != '\0') return false;
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return broker::IsTerminal(stdout);
}

int Run(std::vector<std::string> arguments) {
  broker::Streams streams{std::cout, std::cerr, WantsColour()};
  const auto files = broker::MakeFileSystem();
  return broker::RunCommandLine(
      std::move(arguments), {*files, streams, CatchInterrupt, [] { return interrupted.load(); }});
}

}  // namespace

int main(int argc, char** argv) {
  // Buffered as a whole: tail writes a batch at a time.
  std::ios::sync_with_stdio(false);
  try {
    return Run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "usherctl: " << error.what() << '\n';
    return broker::kExitFailed;
  }
}
