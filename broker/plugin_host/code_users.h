#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "plugin_host/library_code.h"

namespace broker {

/// What a look at the threads of this process has found. A value.
struct CodeUsers {
  size_t inside = 0;   ///< They are in the code, or will return there.
  size_t unknown = 0;  ///< They do not say where they are.
  size_t deaf = 0;     ///< Of these, those that cannot be asked, now or later.

  [[nodiscard]] bool None() const { return inside == 0 && unknown == 0; }
  /// Whether another look may tell more.
  [[nodiscard]] bool Answering() const { return inside != 0 || unknown != deaf; }
};

/// A moment, and the thread that asked for it. A value.
struct ThreadMark {
  int64_t time = 0;  ///< On the scale of threads' starts, which is a coarse one.
  int64_t thread = 0;
  /// Threads that were there already, though by that scale they may have started since: each with
  /// its start.
  std::vector<std::pair<int64_t, int64_t>> others;
};

/// Now, on this thread.
[[nodiscard]] ThreadMark MarkThread();

/// Which threads are in the code, or were called from it, among those that were started since the
/// mark; neither the calling one nor that of the mark counts. Thread-safe.
///
/// Implemented once per system in platform/*/code_users.cc. Linux: a real-time signal to each,
/// whose handler looks through its stack. System calls go on or, where they cannot, end with EINTR.
/// Who has blocked the signal and sleeps is deaf; everybody is where it has another handler than
/// ours, or where there is more code than 64 libraries'.
[[nodiscard]] CodeUsers FindCodeUsers(std::span<const CodeRange> code, const ThreadMark& since);

/// The same, but waits up to `limit` until there are none: a thread may be just ending. Where one
/// does not answer it waits longer, up to 1.5 s. None are there only where a second look finds none
/// either: one that has just begun is nowhere yet.
[[nodiscard]] CodeUsers WaitForCodeUsers(std::span<const CodeRange> code, const ThreadMark& since,
                                         std::chrono::milliseconds limit);

}  // namespace broker
