#include "action/failures.h"

namespace broker {

CodeSystem ThisCodeSystem() noexcept {
  return CodeSystem::kLinux;
}

}  // namespace broker
