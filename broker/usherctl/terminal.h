#pragma once

#include <cstdio>

namespace broker {

/// Whether a person reads what is written to `file`. Implemented once per system in
/// platform/*/terminal.cc. Linux: isatty(3).
[[nodiscard]] bool IsTerminal(std::FILE* file);

}  // namespace broker
