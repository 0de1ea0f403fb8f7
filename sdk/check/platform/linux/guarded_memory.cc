#include "sdk/check/platform/guarded_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

namespace broker::check {
namespace {

size_t WholePages(size_t size) {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

int ProtectionOf(GuardedMemory::Access access) {
  if (access == GuardedMemory::Access::kNone) return PROT_NONE;
  return access == GuardedMemory::Access::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
}

}  // namespace

GuardedMemory::GuardedMemory(size_t size) : begin_(nullptr), size_(WholePages(size)) {
  void* const memory =
      ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  begin_ = static_cast<char*>(memory);
}

GuardedMemory::~GuardedMemory() {
  if (begin_ != nullptr) ::munmap(begin_, size_);
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

void GuardedMemory::Allow(Access access) noexcept {
  ::mprotect(begin_, size_, ProtectionOf(access));
}

}  // namespace broker::check
