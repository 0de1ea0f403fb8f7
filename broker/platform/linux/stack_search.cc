#include "platform/linux/stack_search.h"

#include <ucontext.h>

namespace broker {

Registers RegistersOf(const void* context) {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return {static_cast<uintptr_t>(machine.gregs[REG_RIP]),
          static_cast<uintptr_t>(machine.gregs[REG_RSP]), 0};
#elif defined(__aarch64__)
  return {machine.pc, machine.sp, machine.regs[30]};
#else
  return {};
#endif
}

}  // namespace broker
