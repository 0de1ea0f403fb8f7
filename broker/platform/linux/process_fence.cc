#include "event/process_fence.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace broker {
namespace {

bool Call(int command) noexcept {
  return ::syscall(SYS_membarrier, command, 0, 0) == 0;
}

}  // namespace

ProcessFence::ProcessFence(bool ask) noexcept
    : works_(ask && Call(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)) {}

void ProcessFence::Fence() const noexcept {
  if (works_ && !Call(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) {
    static_cast<void>(Call(MEMBARRIER_CMD_GLOBAL));
  }
}

}  // namespace broker
