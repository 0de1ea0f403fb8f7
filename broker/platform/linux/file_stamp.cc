#include "plugin_host/file_stamp.h"

#include <sys/stat.h>

#include <cerrno>

#include "platform/linux/os_error.h"

namespace broker {
namespace {

std::chrono::nanoseconds TimeOf(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Result<FileStamp> StampOf(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return OsError("'" + file + "' cannot be looked at", errno);
  if (!S_ISREG(info.st_mode)) {
    return Status(StatusCode::kInvalid, "'" + file + "' is not a regular file");
  }
  FileStamp stamp;
  stamp.written = std::chrono::system_clock::time_point(TimeOf(info.st_mtim));
  stamp.changed_ns = TimeOf(info.st_ctim).count();
  stamp.bytes = static_cast<uint64_t>(info.st_size);
  stamp.device = info.st_dev;
  stamp.number = info.st_ino;
  return stamp;
}

}  // namespace broker
