#pragma once

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace broker {

/// Where a thread stands.
struct Registers {
  uintptr_t code = 0;
  uintptr_t stack = 0;
  uintptr_t caller = 0;  ///< Where the machine keeps that in a register, and not on the stack.
};

/// Out of the third argument of a signal handler. Safe in one.
[[nodiscard]] Registers RegistersOf(const void* context);

/// Whether a function that is called just before `address` returns to it: what lies on a stack and
/// points to code otherwise was left there, or is the address of a function. What lies between
/// `begin` and `address` must be readable. Safe in a signal handler.
/// Source: Intel's manual, volume 2, "CALL"; Arm's, "BL" and "BLR".
[[nodiscard]] bool FollowsCall(uintptr_t begin, uintptr_t address);

/// Whether `holds(address)` is true of anything on the stack from `top` up to `end`, such as where
/// the functions at work were called from; nullopt where nothing can be read there. The kernel
/// copies it, as what looks like a stack may end anywhere. Safe in a signal handler.
template <class Holds>
std::optional<bool> SearchStack(uintptr_t top, uintptr_t end, Holds&& holds) {
  constexpr size_t kPageBytes = 4096;
  std::array<uintptr_t, kPageBytes / sizeof(uintptr_t)> words{};
  uintptr_t from = top & ~(sizeof(uintptr_t) - 1);
  while (from < end) {
    const size_t bytes = kPageBytes - from % kPageBytes;
    const iovec into{words.data(), bytes};
    const iovec out{std::bit_cast<void*>(from), bytes};
    const ssize_t copied = ::process_vm_readv(::getpid(), &into, 1, &out, 1, 0);
    if (copied != static_cast<ssize_t>(bytes)) break;
    const size_t count = std::min(bytes, static_cast<size_t>(end - from)) / sizeof(uintptr_t);
    if (std::any_of(words.begin(), words.begin() + count, holds)) return true;
    from += bytes;
  }
  return from > top ? std::optional(false) : std::nullopt;
}

}  // namespace broker
