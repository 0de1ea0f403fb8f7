#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>

namespace broker::testing {

/// Whether that thread of this process waits for something; false where it is gone. proc(5).
inline bool IsAsleep(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.substr(name_end, 3) == ") S";
}

}  // namespace broker::testing
