#pragma once

#include <ostream>
#include <string>

namespace broker {

/// Writes out what `out` holds back. Answers 0, or the errno value of what went wrong, then or with
/// an earlier write: `out` takes no more.
[[nodiscard]] int FlushAll(std::ostream& out);

/// "cannot write the output: No space left on device (error 28)", of what FlushAll answered.
[[nodiscard]] std::string DescribeOutputError(int error);

}  // namespace broker
