#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace broker {

/// What somebody asks of the broker.
enum class ServiceRequest : int32_t { kStop = 0, kReload };

/// What the system's service manager and the broker tell each other.
///
/// Make it first thing in main, before any thread: it takes over the process's stop signals.
class Service {
 public:
  virtual ~Service() = default;

  /// The broker is up. `status` is a sentence for `systemctl status`. Linux: sd_notify(3).
  virtual void Ready(const std::string& status) = 0;
  /// The broker is going down.
  virtual void Stopping() = 0;

  /// How often Alive wants to be called, lest the manager ends and restarts the broker; 0 = need
  /// not be. Linux: half of WatchdogSec=, sd_watchdog_enabled(3).
  [[nodiscard]] virtual std::chrono::microseconds AliveInterval() const = 0;
  /// Events go through. To be called by who carries them, and by nobody else. [any thread]
  virtual void Alive() noexcept = 0;

  /// Whether a stop signal has come. Never true for RequestStop. [any thread]
  [[nodiscard]] virtual bool StopAsked() const noexcept = 0;
  /// Waits until somebody asks: to stop, by SIGTERM, SIGINT, or RequestStop; to take the
  /// configuration anew, by SIGHUP. To stop is answered ever again. [main thread]
  virtual ServiceRequest WaitForRequest() = 0;
  /// Makes WaitForRequest answer kStop. [any thread]
  virtual void RequestStop() noexcept = 0;
};

/// Implemented once per system in platform/*/service.cc.
std::unique_ptr<Service> MakeService();

/// Whether what is written to standard error reaches the journal line by line, each with a prefix
/// for its level. Linux: JOURNAL_STREAM names its device and inode, systemd.exec(5); where somebody
/// redirected it, or the variable is another process's, it names others.
bool WritesToJournal();

/// This process's number, as the system's tools show it.
int64_t ProcessId();

}  // namespace broker
