#include "event/output.h"

#include <cerrno>
#include <system_error>

namespace broker {

namespace {

int ErrorOfFlush(std::ostream& out) {
  const bool failed_before = !out;
  const int before = errno;
  // The stream itself does not tell why it fails: where that was earlier, it is to fail again.
  if (failed_before) out.clear();
  errno = 0;
  if (out.flush() && !failed_before) return 0;
  const int now = errno;
  out.setstate(std::ios::badbit);
  if (now != 0) return now;
  return failed_before && before != 0 ? before : EIO;
}

}  // namespace

int FlushAll(std::ostream& out) {
  const int error = ErrorOfFlush(out);
  errno = error;  // Who asks again is told the same.
  return error;
}

std::string DescribeOutputError(int error) {
  return "cannot write the output: " + std::generic_category().message(error) + " (error " +
         std::to_string(error) + ")";
}

}  // namespace broker
