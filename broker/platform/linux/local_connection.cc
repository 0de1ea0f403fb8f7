#include "platform/linux/local_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <string>

#include "platform/linux/os_error.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// poll(2) takes an int, and -1 would mean "for ever".
int PollTime(steady_clock::time_point until) {
  const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, std::numeric_limits<int>::max()));
}

class LocalConnection final : public ControlConnection {
 public:
  LocalConnection(UniqueFd fd, Peer peer) : fd_(std::move(fd)), peer_(std::move(peer)) {}

  Result<size_t> Read(std::span<char> into, milliseconds timeout) override {
    const auto until = steady_clock::now() + timeout;
    while (true) {
      const ssize_t count = ::recv(fd_.get(), into.data(), into.size(), 0);
      if (count >= 0) return static_cast<size_t>(count);
      if (auto failure = WaitAfter(errno, POLLIN, until)) return failure->Annotate("read");
    }
  }

  Status Write(std::string_view bytes, milliseconds timeout) override {
    const auto until = steady_clock::now() + timeout;
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<size_t>(count));
      } else if (auto failure = WaitAfter(errno, POLLOUT, until)) {
        return failure->Annotate("write");
      }
    }
    return {};
  }

  void Shutdown() noexcept override { ::shutdown(fd_.get(), SHUT_RDWR); }

  [[nodiscard]] const Peer& Other() const override { return peer_; }

 private:
  // After a call that failed with `error`: waits until it is worth trying again, if it ever is.
  [[nodiscard]] std::optional<Status> WaitAfter(int error, short events,
                                                steady_clock::time_point until) const {
    if (error == EINTR) return std::nullopt;
    if (error != EAGAIN) return Failure(error);
    pollfd waiting{fd_.get(), events, 0};
    const int ready = ::poll(&waiting, 1, PollTime(until));
    if (ready == 0) return Status(StatusCode::kTimeout, "the other side did nothing in time");
    if (ready < 0 && errno != EINTR) return Failure(errno);
    return std::nullopt;
  }

  static Status Failure(int error) {
    if (error == EPIPE || error == ECONNRESET) {
      return {StatusCode::kUnavailable, "the other side closed the control connection"};
    }
    return OsError("cannot use the control connection", error);
  }

  const UniqueFd fd_;
  const Peer peer_;
};

}  // namespace

Peer DescribePeer(const ucred& credentials, uid_t own) {
  Peer peer;
  peer.user_id = std::to_string(credentials.uid);
  peer.pid = credentials.pid;
  peer.privileged = credentials.uid == 0 || credentials.uid == own;
  return peer;
}

Result<std::unique_ptr<ControlConnection>> MakeLocalConnection(UniqueFd fd) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return OsError("cannot see who is at the other end of the control connection", errno);
  }
  Peer peer = DescribePeer(credentials, ::geteuid());
  return std::unique_ptr<ControlConnection>(
      std::make_unique<LocalConnection>(std::move(fd), std::move(peer)));
}

}  // namespace broker
