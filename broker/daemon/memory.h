#pragma once

namespace broker {

/// Large pieces of memory are to be mapped each for itself, so that what is small does not fill the
/// holes that they leave, and keep. For the start of the process. Linux: M_MMAP_THRESHOLD of
/// mallopt(3), which else grows with the pieces that are freed.
void KeepLargeMemoryApart() noexcept;

/// Gives memory that is free back to the system, which the allocator would keep for the next storm.
/// Takes some milliseconds. Thread-safe. Implemented once per system in platform/*/memory.cc.
/// Linux: malloc_trim(3).
void ReturnFreeMemory() noexcept;

}  // namespace broker
