#include "daemon/memory.h"

#include <malloc.h>

namespace broker {

void ReturnFreeMemory() noexcept {
  ::malloc_trim(0);
}

}  // namespace broker
