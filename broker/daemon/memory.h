#pragma once

namespace broker {

/// Gives memory that is free back to the system, which the allocator would keep for the next storm.
/// Takes some milliseconds. Thread-safe. Implemented once per system in platform/*/memory.cc.
/// Linux: malloc_trim(3).
void ReturnFreeMemory() noexcept;

}  // namespace broker
