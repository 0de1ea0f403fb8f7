#include "journal_socket.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include <usher/cpp/error.hpp>

namespace journald {
namespace {

std::error_code LastError() noexcept {
  return {errno, std::generic_category()};
}

sockaddr_un AddressOf(const std::string& path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
  return address;
}

int OpenSocket(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0) return fd;
  throw usher::Error(USHER_IO, "there is no socket to be had for the journal \"" + path +
                                   "\": " + LastError().message());
}

std::error_code SendMessage(int socket, const msghdr& message) noexcept {
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? LastError() : std::error_code();
}

/// A file in memory that nobody can change any more; the journal takes no other.
class SealedFile {
 public:
  explicit SealedFile(std::string_view content) noexcept
      : fd_(::memfd_create("usher-event", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (fd_ < 0 || !Write(content) || ::fcntl(fd_, F_ADD_SEALS, kSeals) < 0) error_ = LastError();
  }
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;
  ~SealedFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// Why there is none.
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

 private:
  [[nodiscard]] bool Write(std::string_view content) const noexcept {
    while (!content.empty()) {
      const ssize_t written = ::write(fd_, content.data(), content.size());
      if (written < 0) return false;
      content.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }

  const int fd_;
  std::error_code error_;
};

std::error_code SendFile(int socket, msghdr message, std::string_view record) noexcept {
  const SealedFile file(record);
  if (file.error()) return file.error();
  const int fd = file.fd();
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(fd))> control{};
  message.msg_iov = nullptr;
  message.msg_iovlen = 0;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(fd));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  return SendMessage(socket, message);
}

}  // namespace

JournalSocket::JournalSocket(std::string path)
    : path_(std::move(path)), socket_(OpenSocket(path_)) {}

JournalSocket::~JournalSocket() {
  ::close(socket_);
}

std::error_code JournalSocket::Send(std::string_view record) const noexcept {
  sockaddr_un address = AddressOf(path_);
  iovec content{const_cast<char*>(record.data()), record.size()};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof(address);
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  const std::error_code error = SendMessage(socket_, message);
  const bool too_large = error == std::errc::message_size || error == std::errc::no_buffer_space;
  return too_large ? SendFile(socket_, message, record) : error;
}

}  // namespace journald
