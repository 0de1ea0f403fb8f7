#include "usherctl/streams.h"

#include <cerrno>

#include "event/text.h"

namespace broker {

void Complain(Streams& streams, std::string_view text) {
  streams.out.flush();
  streams.err << "usherctl: " << EscapeForTerminal(text) << std::endl;
}

bool FlushOutput(Streams& streams) {
  if (!streams.out) return false;
  // The stream itself does not tell why it failed.
  errno = 0;
  return static_cast<bool>(streams.out.flush());
}

ExitCode FinishOutput(Streams& streams) {
  if (FlushOutput(streams) || errno == EPIPE) return kExitDone;
  Complain(streams, "cannot write the output; is the disk full?");
  return kExitFailed;
}

}  // namespace broker
