#include "platform/linux/memory_controller.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace broker {

bool HasMemoryController(const std::string& cgroups) {
  std::ifstream controllers(cgroups + "/cgroup.controllers");
  using Words = std::istream_iterator<std::string>;
  if (std::find(Words(controllers), Words(), "memory") != Words()) return true;
  // With v1, and in the hybrid set-up, each controller has a folder of its own.
  std::error_code ignored;
  return std::filesystem::exists(cgroups + "/memory/memory.limit_in_bytes", ignored);
}

}  // namespace broker
