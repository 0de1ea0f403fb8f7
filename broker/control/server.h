#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "control/backend.h"
#include "control/endpoint.h"
#include "event/diagnostics.h"
#include "event/mutex.h"

namespace broker {

/// The bounds that keep one peer from using up the broker. PROTOCOL.md promises these.
struct ControlLimits {
  size_t connections_per_user = 16;
  size_t connections = 64;
  size_t kept_for_root = 16;                  ///< Of all connections, for those that may steer.
  std::chrono::milliseconds request{30'000};  ///< From one complete request to the next.
  std::chrono::milliseconds answer{5'000};    ///< For the peer to take an answer.
};

/// Answers the control channel: one thread accepts, and each connection has one of its own.
///
/// Start and Stop from one thread, once each.
class ControlServer {
 public:
  /// `backend` and `diagnostics` must outlive Stop().
  ControlServer(std::unique_ptr<ControlListener> listener, ControlBackend& backend,
                Diagnostics& diagnostics, ControlLimits limits = {});
  /// Stops.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// Begins to accept; kUnavailable when the system has no thread left.
  Status Start();

  /// Ends all connections and joins all threads: as long as the backend's calls at hand take.
  void Stop() noexcept;

 private:
  // A connection and its thread. `connection` is null once it has been closed.
  struct Client {
    std::string user_id;
    std::unique_ptr<ControlConnection> connection;
    std::thread thread;
  };
  using Clients = std::list<Client>;

  void AcceptAll() noexcept;
  void Admit(std::unique_ptr<ControlConnection> connection);
  std::string Refusal(const Peer& peer);
  void Launch(std::unique_ptr<ControlConnection> connection);
  void Serve(Clients::iterator client) noexcept;
  void EndOpen() noexcept;
  void JoinEnded() noexcept;
  bool Pause(std::chrono::milliseconds time);
  void Warn(const std::string& text) noexcept;

  const std::unique_ptr<ControlListener> listener_;
  ControlBackend& backend_;
  Diagnostics& diagnostics_;
  const ControlLimits limits_;
  std::thread acceptor_;  // Of the thread that starts and stops.

  Mutex mutex_;
  Condition changed_;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
  Clients open_ USHER_GUARDED_BY(mutex_);
  Clients ended_ USHER_GUARDED_BY(mutex_);  // Closed, to be joined.
};

}  // namespace broker
