#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include <boost/dll/runtime_symbol_info.hpp>

#include "sdk/check/command_line.h"
#include "usherctl/terminal.h"

namespace {

// Source: https://no-color.org
bool WantsColour() {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (forbidden != nullptr && *forbidden != '\0') return false;
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return broker::IsTerminal(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return broker::check::RunCommandLine(
        {argv + 1, argv + argc},
        {boost::dll::program_location().string(), std::cout, std::cerr, WantsColour()});
  } catch (const std::exception& error) {
    std::cerr << "usher-check: " << error.what() << '\n';
    return broker::check::kExitFailed;
  }
}
