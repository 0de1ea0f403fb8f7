#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace journald::testing {

using Fields = std::multimap<std::string, std::string>;

/// A record's fields, as the journal reads them. Nothing if the journal would refuse it.
inline std::optional<Fields> Decode(std::string_view record) {
  Fields fields;
  while (!record.empty()) {
    const size_t name_end = record.find('\n');
    uint64_t size = 0;
    if (name_end == std::string_view::npos || record.size() < name_end + 2 + sizeof(size))
      return {};
    const std::string name(record.substr(0, name_end));
    std::memcpy(&size, record.data() + name_end + 1,
                sizeof(size));  // Little-endian, as all of ours.
    record.remove_prefix(name_end + 1 + sizeof(size));
    if (record.size() < size + 1 || record[size] != '\n') return {};
    fields.emplace(name, record.substr(0, size));
    record.remove_prefix(size + 1);
  }
  return fields;
}

/// The journal's socket at a path, with nobody but the test behind it.
class FakeJournal {
 public:
  explicit FakeJournal(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    ::unlink(path.c_str());
    bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  FakeJournal(const FakeJournal&) = delete;
  FakeJournal& operator=(const FakeJournal&) = delete;
  /// Nobody listens any more; the file stays, as the journal's own does.
  ~FakeJournal() { ::close(fd_); }

  [[nodiscard]] bool bound() const { return bound_; }

  /// One of the records that have come, in their order; nothing if there is none.
  std::optional<std::string> Take() {
    std::string data(1U << 20U, '\0');
    iovec content{data.data(), data.size()};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(fd_, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) return std::nullopt;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) return ReadFile(*header);
    data.resize(static_cast<size_t>(size));
    return data;
  }

  /// The values of one field in all that has come.
  std::vector<std::string> TakeAll(const std::string& field) {
    std::vector<std::string> values;
    while (const auto record = Take()) {
      const auto fields = Decode(*record);
      const bool has = fields && fields->count(field) == 1;
      values.push_back(has ? fields->find(field)->second : "no such field");
    }
    return values;
  }

 private:
  static std::string ReadFile(const cmsghdr& header) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(&header), sizeof(fd));
    std::string content;
    std::array<char, 65536> piece{};
    ssize_t size = 0;
    for (off_t at = 0; (size = ::pread(fd, piece.data(), piece.size(), at)) > 0; at += size) {
      content.append(piece.data(), static_cast<size_t>(size));
    }
    ::close(fd);
    return content;
  }

  const int fd_;
  bool bound_ = false;
};

}  // namespace journald::testing
