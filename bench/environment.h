#pragma once

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace bench {

/// Where the benches write. bench/run makes it, on a disk, and removes it.
inline std::string Directory() {
  const char* directory = std::getenv("USHER_BENCH_DIRECTORY");
  if (directory == nullptr) {
    throw std::runtime_error("USHER_BENCH_DIRECTORY is not set: the folder to write logs to");
  }
  return directory;
}

/// How many events a bench handles, unless the environment says otherwise.
inline uint64_t Events(uint64_t usual) {
  const char* count = std::getenv("USHER_BENCH_EVENTS");
  return count == nullptr ? usual : std::stoull(count);
}

}  // namespace bench
