#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "event/event.h"

namespace broker {

/// A place in the log where a line could not be read.
struct LogDefect {
  std::string file;   ///< Segment file name.
  uint64_t line = 0;  ///< 1-based, the header is line 1; 0 = the file as a whole.
  Seq expected = 0;   ///< The seq that was due there; 0 = unknown.
  std::string what;   ///< "the checksum does not match", "not JSON: …", "longer than …", …
};

/// Is told of each defect, once, on the thread that reads.
using OnDefect = std::function<void(const LogDefect&)>;

}  // namespace broker
