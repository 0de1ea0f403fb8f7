#pragma once

#include <memory>
#include <string>

#include "event/status.h"
#include "eventlog/file_system.h"
#include "platform/linux/unique_fd.h"

namespace broker {

// The open files of LinuxFileSystem. Each keeps its path for its errors.

/// Opens `path` for appending, with this mode where it has to be made.
Result<std::unique_ptr<AppendFile>> OpenAppendFile(const std::string& path, uint32_t mode);
Result<std::unique_ptr<ReadFile>> OpenReadFile(const std::string& path);
Result<std::unique_ptr<FileLock>> LockFile(const std::string& path);

/// Opens a regular file, close-on-exec and without following a link at the end; kInvalid for a
/// device, a socket or a FIFO, on which it does not wait either. open(2).
Result<UniqueFd> OpenRegular(const std::string& path, int flags, uint32_t mode);

/// Writes all of `bytes` where the descriptor stands, or says how many were written until it
/// failed. write(2).
Status WriteAll(int fd, const std::string& path, std::string_view bytes, size_t* written);

}  // namespace broker
