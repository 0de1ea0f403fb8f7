#pragma once

#include <cstddef>

// Implemented once per system in platform/*/guarded_memory.cc.

namespace broker::check {

/// Memory that can be forbidden: who touches it then crashes. Not thread-safe.
class GuardedMemory {
 public:
  enum class Access { kNone, kRead, kWrite };

  /// Room for `size` bytes, to be written. Throws std::bad_alloc.
  explicit GuardedMemory(size_t size);
  ~GuardedMemory();
  GuardedMemory(GuardedMemory&& other) noexcept;
  GuardedMemory& operator=(GuardedMemory&&) = delete;
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  void Allow(Access access) noexcept;

  [[nodiscard]] char* Begin() const noexcept { return begin_; }
  [[nodiscard]] size_t Size() const noexcept { return size_; }

 private:
  char* begin_;
  size_t size_;
};

}  // namespace broker::check
