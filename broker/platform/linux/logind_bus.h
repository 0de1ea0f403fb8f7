#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/session.h"
#include "event/status.h"
#include "platform/linux/unique_fd.h"
#include "source/logind_decoder.h"
#include "source/logind_signal.h"

namespace broker {

/// What poll(2) is to watch for somebody. A `fd` below zero is passed over.
struct PollWish {
  int fd = -1;
  short events = 0;
  int timeout_ms = -1;  ///< Wake after that, even if nothing came; -1 = no need.
};

/// What keeps logind from letting the machine sleep or go down at once.
struct DelayInhibitor {
  UniqueFd lock = UniqueFd();  ///< Closed, logind goes on.
  int64_t max_us = 0;          ///< Logind goes on after so long in any case.
};

/// A session or seat as logind lists it.
struct LogindObject {
  std::string name;
  std::string path;
};

/// The few things the source needs of logind on the system bus: the seam at which failures are
/// scripted. One connection; once a call reported anything but kNotFound it may be broken, and is
/// to be replaced by another. Not thread-safe. Source: org.freedesktop.login1(5).
class LogindBus {
 public:
  virtual ~LogindBus() = default;

  [[nodiscard]] virtual PollWish Wish() const = 0;

  /// Appends what came since the last call, or the first of it; never waits.
  virtual Status Receive(std::vector<LogindSignal>& signals) = 0;

  virtual Result<std::vector<LogindObject>> Sessions() = 0;
  virtual Result<std::vector<LogindObject>> Seats() = 0;

  /// All properties of a session or a seat; kNotFound once it is gone.
  virtual Result<PropertyMap> SessionProperties(const std::string& path) = 0;
  virtual Result<PropertyMap> SeatProperties(const std::string& path) = 0;

  /// Takes a delay inhibitor of sleep and shutdown. kPermission: logind does not want to give one,
  /// now or ever; the connection is good.
  virtual Result<DelayInhibitor> Inhibit() = 0;
};

/// Tells when a session's state may have changed, which no D-Bus signal does. Not thread-safe.
/// Source: sd_login_monitor_new(3), sd_session_get_state(3).
class LoginMonitor {
 public:
  virtual ~LoginMonitor() = default;

  [[nodiscard]] virtual PollWish Wish() const = 0;

  /// Forgets that there was something, until the next time.
  virtual void Flush() = 0;

  /// The state of the session now; nullopt once it is gone.
  [[nodiscard]] virtual std::optional<SessionState> StateOf(const std::string& id) = 0;

  /// Whether processes are left in the session's scope; nullopt where that cannot be known.
  [[nodiscard]] virtual std::optional<bool> HasProcesses(const Session& session) = 0;
};

/// Both, already listening: whatever happens from now on will be heard.
struct LogindLink {
  std::unique_ptr<LogindBus> bus;
  std::unique_ptr<LoginMonitor> monitor;
};

/// Makes a link; called again, with a growing delay, until it succeeds.
using LogindConnector = std::function<Result<LogindLink>()>;

/// The longest that any call on the bus waits for its answer.
constexpr std::chrono::seconds kLogindCallTimeout{2};

/// Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS, or its usual place) and to /run/systemd.
Result<LogindLink> ConnectToLogind();

}  // namespace broker
