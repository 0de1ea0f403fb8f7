#include "usherctl/streams.h"

#include <cerrno>

#include "event/output.h"
#include "event/text.h"

namespace broker {

void Complain(Streams& streams, std::string_view text) {
  streams.out.flush();
  streams.err << "usherctl: " << EscapeForTerminal(text) << std::endl;
}

bool FlushOutput(Streams& streams) {
  return FlushAll(streams.out) == 0;
}

ExitCode FinishOutput(Streams& streams) {
  const int error = FlushAll(streams.out);
  if (error == 0 || error == EPIPE) return kExitDone;
  Complain(streams, DescribeOutputError(error));
  return kExitFailed;
}

}  // namespace broker
