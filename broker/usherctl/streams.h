#pragma once

#include <ostream>
#include <string_view>

#include "usherctl/exit_code.h"

namespace broker {

/// Where a command writes. The streams must outlive it.
struct Streams {
  std::ostream& out;    ///< The answer.
  std::ostream& err;    ///< What went wrong.
  bool colour = false;  ///< Whether `out` is a terminal that may show colours.
};

/// Puts "usherctl: text" on err as one line that is safe for a terminal. What `out` holds back is
/// written first, so that both stay in order.
void Complain(Streams& streams, std::string_view text);

/// Writes out what `out` holds back; false when it takes no more: then the command should end with
/// FinishOutput.
[[nodiscard]] bool FlushOutput(Streams& streams);

/// The last step of a command that went well. A reader that left (a closed pipe) is a quiet end
/// like any other; output that could not be written (a full disk) is a failure.
[[nodiscard]] ExitCode FinishOutput(Streams& streams);

}  // namespace broker
