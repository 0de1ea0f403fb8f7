#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "environment.h"

namespace bench {

/// About what an event's line takes in a file.
inline constexpr uint64_t kLineBytes = 700;

/// Writes as much to a file as so many events will take, and removes it: what is written next finds
/// memory at hand. A virtual machine's host takes pages back that are not used, and to get one
/// again takes longer than to write a line; who is measured first would pay for the others.
inline void WarmPageCache(uint64_t events) {
  const std::string path = Directory() + "/warming";
  const std::string piece(64U << 10U, ' ');
  std::ofstream file(path, std::ios::binary);
  for (uint64_t left = events * kLineBytes; left > piece.size(); left -= piece.size()) {
    file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  }
  file.close();
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace bench
