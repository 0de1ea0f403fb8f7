#include "platform/linux/run_io.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "platform/linux/os_error.h"

namespace broker {
namespace {

constexpr size_t kChunkBytes = 16UL << 10U;
// A program that writes without end must not keep its reader.
constexpr int kChunksAtOnce = 64;
// Who opens /dev/stderr anew may be another user.
constexpr mode_t kEverybodyWrites = 0622;

Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return OsError("cannot write a program's input", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace

RunIo::RunIo(UniqueFd input, UniqueFd output, UniqueFd output_end, size_t limit)
    : input_(std::move(input)),
      output_(std::move(output)),
      output_end_(std::move(output_end)),
      limit_(limit) {}

Result<RunIo> RunIo::Open(std::string_view input, size_t output_limit) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return OsError("cannot make a program's input", errno);
  Status written = WriteAll(file.get(), input);
  if (!written.ok()) return written;
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return OsError("cannot make a program's input", errno);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return OsError("cannot make a program's output", errno);
  UniqueFd output(ends[0]);
  UniqueFd output_end(ends[1]);
  // Only this end: a program need not know that it is a pipe that could be full.
  if (::fcntl(output.get(), F_SETFL, O_NONBLOCK) != 0 ||
      ::fchmod(output_end.get(), kEverybodyWrites) != 0) {
    return OsError("cannot make a program's output", errno);
  }
  return RunIo(std::move(file), std::move(output), std::move(output_end), output_limit);
}

void RunIo::Launched() {
  input_ = UniqueFd();
  output_end_ = UniqueFd();
}

void RunIo::Read() {
  std::array<char, kChunkBytes> chunk{};
  for (int i = 0; i < kChunksAtOnce && output_; ++i) {
    const ssize_t size = ::read(output_.get(), chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
      output_ = UniqueFd();
      return;
    }
    const auto got = static_cast<size_t>(size);
    const size_t room = std::min(limit_ - kept_.size(), got);
    kept_.append(chunk.data(), room);
    dropped_ += got - room;
  }
}

}  // namespace broker
