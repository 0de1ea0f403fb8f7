#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Implemented once per system in platform/*/this_process.cc.

namespace broker::check {

/// Whether what this process loads could take the whole machine: root, an administrator.
[[nodiscard]] bool IsPrivileged();

/// How many threads this process has.
[[nodiscard]] size_t ThreadCount();

/// Bytes of the heap that are in use; 0 where nobody counts them.
[[nodiscard]] uint64_t HeapBytes();

/// What belongs to the process as a whole, as pairs of name and value: its working directory, its
/// umask, its locale, what its signals do.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> ReadProcessState();

}  // namespace broker::check
