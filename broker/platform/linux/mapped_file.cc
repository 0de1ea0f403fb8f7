#include "plugin_host/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "platform/linux/files.h"
#include "platform/linux/os_error.h"

namespace broker {
namespace {

constexpr uint32_t kMode = 0640;

class LinuxMappedFile final : public MappedFile {
 public:
  LinuxMappedFile(void* memory, size_t size) : memory_(memory), size_(size) {}
  ~LinuxMappedFile() override { ::munmap(memory_, size_); }
  LinuxMappedFile(const LinuxMappedFile&) = delete;
  LinuxMappedFile& operator=(const LinuxMappedFile&) = delete;

  [[nodiscard]] std::span<std::byte> Bytes() const override {
    return {static_cast<std::byte*>(memory_), size_};
  }

 private:
  void* const memory_;
  const size_t size_;
};

/// Gives the file its size, and takes the space for it from the disk.
Status Fill(int fd, const std::string& path, size_t size) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return OsError("cannot examine", path, errno);
  const auto wanted = static_cast<off_t>(size);
  if (info.st_size != wanted && (::ftruncate(fd, 0) != 0 || ::ftruncate(fd, wanted) != 0)) {
    return OsError("cannot make room for", path, errno);
  }
  const int error = ::posix_fallocate(fd, 0, wanted);
  return error == 0 ? Status() : OsError("cannot make room for", path, error);
}

}  // namespace

Result<std::unique_ptr<MappedFile>> MapFile(const std::string& path, size_t size) {
  const Result<UniqueFd> fd = OpenRegular(path, O_RDWR | O_CREAT, kMode);
  if (!fd.ok()) return fd.status();
  const Status filled = Fill(fd->get(), path, size);
  if (!filled.ok()) return filled;
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd->get(), 0);
  if (memory == MAP_FAILED) return OsError("cannot map", path, errno);
  ::madvise(memory, size, MADV_DONTFORK);
  return std::unique_ptr<MappedFile>(std::make_unique<LinuxMappedFile>(memory, size));
}

}  // namespace broker
