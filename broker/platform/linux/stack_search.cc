#include "platform/linux/stack_search.h"

#include <ucontext.h>

#include <cstring>

namespace broker {
namespace {

#if defined(__x86_64__)
constexpr uint8_t kDirectCall = 0xE8;
constexpr size_t kDirectBytes = 5;
constexpr uint8_t kIndirect = 0xFF;
// Which instruction of 0xFF's stands in the middle of the byte behind it.
constexpr uint8_t kKindMask = 0x38;
constexpr uint8_t kCall = 0x10;
constexpr std::array<size_t, 5> kIndirectBytes{2, 3, 4, 6, 7};

uint8_t ByteAt(uintptr_t address) {
  return *std::bit_cast<const uint8_t*>(address);
}

bool IsIndirectCall(uintptr_t at) {
  return ByteAt(at) == kIndirect && (ByteAt(at + 1) & kKindMask) == kCall;
}
#elif defined(__aarch64__)
constexpr size_t kInstructionBytes = 4;
constexpr uint32_t kBranchMask = 0xFC000000;
constexpr uint32_t kBranchWithLink = 0x94000000;
// Bits that say which register, and how pointers are authenticated.
constexpr uint32_t kRegisterMask = 0xFEFFF000;
constexpr uint32_t kBranchToRegisterWithLink = 0xD63F0000;
#endif

}  // namespace

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

bool FollowsCall(uintptr_t begin, uintptr_t address) {
#if defined(__x86_64__)
  const size_t before = address - begin;
  if (before >= kDirectBytes && ByteAt(address - kDirectBytes) == kDirectCall) return true;
  return std::any_of(kIndirectBytes.begin(), kIndirectBytes.end(), [=](size_t bytes) {
    return before >= bytes && IsIndirectCall(address - bytes);
  });
#elif defined(__aarch64__)
  if (address - begin < kInstructionBytes || address % kInstructionBytes != 0) return false;
  uint32_t instruction = 0;
  std::memcpy(&instruction, std::bit_cast<const void*>(address - kInstructionBytes),
              sizeof instruction);
  return (instruction & kBranchMask) == kBranchWithLink ||
         (instruction & kRegisterMask) == kBranchToRegisterWithLink;
#else
  return true;
#endif
}

}  // namespace broker
