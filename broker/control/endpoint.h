#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "event/status.h"

namespace broker {

/// Who is at the other end, as the kernel says. Linux: SO_PEERCRED, unix(7).
struct Peer {
  std::string user_id;  ///< uid or SID as text.
  int64_t pid = 0;
  bool privileged = false;  ///< root, LocalSystem, or the user the broker itself runs as.
};

/// One connection of the control channel: a stream of bytes. One thread reads and writes; Shutdown
/// may come from another and ends both.
class ControlConnection {
 public:
  virtual ~ControlConnection() = default;
  /// Reads at least one byte; 0 = the peer closed, or Shutdown. kTimeout when nothing came in time.
  virtual Result<size_t> Read(std::span<char> into, std::chrono::milliseconds timeout) = 0;
  /// Writes all, or fails; kTimeout when the peer does not read.
  virtual Status Write(std::string_view bytes, std::chrono::milliseconds timeout) = 0;
  virtual void Shutdown() noexcept = 0;
  [[nodiscard]] virtual const Peer& Other() const = 0;
};

/// The listening end. Accept from one thread; Shutdown from any ends it.
class ControlListener {
 public:
  virtual ~ControlListener() = default;
  /// The next connection; kStopped after Shutdown.
  virtual Result<std::unique_ptr<ControlConnection>> Accept() = 0;
  virtual void Shutdown() noexcept = 0;
};

/// Both implemented once per system in platform/*/endpoint.cc.
///
/// Listen makes the socket at `path`, 0660 root:usher where that group exists and this is root,
/// else 0600; it is removed with the listener. A socket that nobody answers on is replaced;
/// kExists: a broker answers there, or something else than a socket is in the way. kInvalid: `path`
/// is too long. kNotFound: its directory is not there.
Result<std::unique_ptr<ControlListener>> Listen(const std::string& path);

/// Connects to the broker that listens at `path`. kNotFound: none does. kPermission: this user may
/// not.
Result<std::unique_ptr<ControlConnection>> Connect(const std::string& path);

}  // namespace broker
