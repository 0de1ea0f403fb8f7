#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "event/status.h"

namespace broker {

/// Memory that is a file's content: what is written to it is there at once for whoever opens the
/// file later, also if this process is killed. Not after a loss of power. A child made by a bare
/// fork does not have it.
class MappedFile {
 public:
  virtual ~MappedFile() = default;
  /// Aligned to a page. Valid as long as this lives.
  [[nodiscard]] virtual std::span<std::byte> Bytes() const = 0;
};

/// Maps the file with this many bytes; makes it, of zeros, where it is missing or of another size.
/// The space is taken from the disk at once, so that a full one fails this and not the writes.
/// Implemented once per system in platform/*/mapped_file.cc. Linux: mmap(2).
Result<std::unique_ptr<MappedFile>> MapFile(const std::string& path, size_t size);

}  // namespace broker
