#pragma once

namespace broker {

/// The expensive half of a fence that two sides share. Where one thread stores and then loads very
/// often, and others look rarely at what it stored, the first may do without a fence of its own:
/// after its store it only keeps the compiler from reordering, and the others call Fence between
/// their own store and load. Then one of the two sees what the other has stored.
///
/// Thread-safe. Linux: membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED and …_GLOBAL. Windows:
/// FlushProcessWriteBuffers.
class ProcessFence {
 public:
  /// Asks the system for it; `ask` = false for one that does not work.
  explicit ProcessFence(bool ask = true) noexcept;

  /// Whether there is one; else both sides need a fence of their own.
  [[nodiscard]] bool Works() const noexcept { return works_; }

  /// Returns once every thread of the process has passed a full fence since the call; where the
  /// quick one fails, for want of memory, by a slower one. Does nothing where there is none.
  void Fence() const noexcept;

 private:
  const bool works_;
};

}  // namespace broker
