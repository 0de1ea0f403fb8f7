#include "platform/linux/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace broker {

void UniqueFd::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old < 0) return;
  const int saved_errno = errno;
  ::close(old);
  errno = saved_errno;
}

}  // namespace broker
