#include "daemon/memory.h"

#include <malloc.h>

namespace broker {

void KeepLargeMemoryApart() noexcept {
  constexpr int kLarge = 128 << 10;
  ::mallopt(M_MMAP_THRESHOLD, kLarge);
}

void ReturnFreeMemory() noexcept {
  ::malloc_trim(0);
}

}  // namespace broker
