#pragma once

#include <string_view>
#include <vector>

#include "sdk/check/platform/guarded_memory.h"
#include "usher/event.h"

namespace broker::check {

/// What is done to the memory of events and snapshots, to see whether a plugin keeps to its bounds.
enum class Guard {
  kNone,
  kReadOnly,  ///< Nothing can be written to it.
  kCallOnly,  ///< It is gone once the call has returned.
};

/// Copies events and snapshots, with all they point to, into memory of their own, one call a piece.
/// That memory is never used again, so that who touches it too late is found out.
///
/// Not thread-safe.
class GuardedCopies {
 public:
  explicit GuardedCopies(Guard guard) : guard_(guard) {}

  /// Each valid until Close.
  const usher_event& Copy(const usher_event& event);
  const usher_snapshot& Copy(const usher_snapshot& snapshot);

  /// The call has returned.
  void Close();

 private:
  std::vector<GuardedMemory> memory_;
  const Guard guard_;
};

}  // namespace broker::check
