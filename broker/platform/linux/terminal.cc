#include "usherctl/terminal.h"

#include <unistd.h>

namespace broker {

bool IsTerminal(std::FILE* file) {
  return ::isatty(::fileno(file)) == 1;
}

}  // namespace broker
