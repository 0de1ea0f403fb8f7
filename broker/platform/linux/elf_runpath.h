#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/status.h"

namespace broker {

/// Where the dynamic loader will look for what a library needs, as the library says.
struct ElfSearch {
  std::vector<std::string> folders;  ///< The entries of DT_RPATH and DT_RUNPATH; "" = an empty one.
  std::vector<std::string> files;    ///< Needed libraries that are named by path, with '/' or '$'.
};

/// Reads the dynamic section of a 64-bit shared library for this machine. `image` is the whole file
/// and may be anything: no byte outside it is read. kInvalid: why it is no such library.
/// Source: System V ABI, chapter 5 "Dynamic Section"; elf(5).
[[nodiscard]] Result<ElfSearch> ReadElfSearch(std::string_view image);

}  // namespace broker
