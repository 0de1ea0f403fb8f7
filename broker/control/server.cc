#include "control/server.h"

#include <algorithm>
#include <exception>
#include <system_error>

#include "control/conversation.h"
#include "control/protocol.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kComponent = "control";

// How long to wait before the next accept when the system is short of descriptors or memory.
constexpr milliseconds kBreather{200};

// A refused peer gets its line if it can take it at once.
constexpr milliseconds kRefusalTime{0};

}  // namespace

ControlServer::ControlServer(std::unique_ptr<ControlListener> listener, ControlBackend& backend,
                             Diagnostics& diagnostics, ControlLimits limits)
    : listener_(std::move(listener)),
      backend_(backend),
      diagnostics_(diagnostics),
      limits_(limits) {}

ControlServer::~ControlServer() {
  Stop();
}

Status ControlServer::Start() {
  try {
    acceptor_ = std::thread([this] { AcceptAll(); });
    return {};
  } catch (const std::system_error& error) {
    return {StatusCode::kUnavailable,
            std::string("cannot start the thread of the control channel: ") + error.what()};
  }
}

void ControlServer::Stop() noexcept {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  listener_->Shutdown();
  if (acceptor_.joinable()) acceptor_.join();
  EndOpen();
  JoinEnded();
}

void ControlServer::AcceptAll() noexcept {
  bool complained = false;
  while (true) {
    auto accepted = listener_->Accept();
    JoinEnded();
    if (accepted.ok()) {
      complained = false;
      Admit(std::move(accepted).value());
      continue;
    }
    if (accepted.status().code() == StatusCode::kStopped) return;
    if (!complained) Warn(accepted.status().message() + ", trying again");
    complained = true;
    if (!Pause(kBreather)) return;
  }
}

void ControlServer::Admit(std::unique_ptr<ControlConnection> connection) {
  const std::string refusal = Refusal(connection->Other());
  if (refusal.empty()) return Launch(std::move(connection));
  (void)connection->Write(ErrorLine(RpcError::kTooManyConnections, refusal), kRefusalTime);
}

std::string ControlServer::Refusal(const Peer& peer) {
  const MutexLock lock(mutex_);
  const std::string& user_id = peer.user_id;
  const auto same = std::count_if(open_.begin(), open_.end(),
                                  [&](const Client& client) { return client.user_id == user_id; });
  if (static_cast<size_t>(same) >= limits_.connections_per_user) {
    return "user " + user_id + " has " + std::to_string(same) +
           " connections already, no more are allowed; close one first";
  }
  // However many users hold what they may have, there is room for who can do something about it.
  const size_t kept = peer.privileged ? 0 : limits_.kept_for_root;
  if (open_.size() + kept < limits_.connections) return {};
  return "the broker has " + std::to_string(open_.size()) +
         " connections already, no more are allowed; try again later";
}

void ControlServer::Launch(std::unique_ptr<ControlConnection> connection) {
  const MutexLock lock(mutex_);
  std::string user_id = connection->Other().user_id;
  const auto client =
      open_.insert(open_.end(), Client{std::move(user_id), std::move(connection), {}});
  try {
    client->thread = std::thread([this, client] { Serve(client); });
  } catch (const std::system_error& error) {
    open_.erase(client);
    Warn(std::string("cannot start a thread for a connection, closing it: ") + error.what());
  }
}

void ControlServer::Serve(Clients::iterator client) noexcept {
  ControlConnection* connection = nullptr;
  {
    const MutexLock lock(mutex_);
    connection = client->connection.get();
  }
  try {
    Converse(*connection, backend_, limits_);
  } catch (const std::exception& error) {
    Warn(std::string("closing a connection: ") + error.what());
  }
  const MutexLock lock(mutex_);
  client->connection.reset();
  ended_.splice(ended_.end(), open_, client);
  changed_.NotifyAll();
}

void ControlServer::EndOpen() noexcept {
  const MutexLock lock(mutex_);
  for (Client& client : open_) client.connection->Shutdown();
  while (!open_.empty()) changed_.Wait(mutex_);
}

void ControlServer::JoinEnded() noexcept {
  Clients ended;
  {
    const MutexLock lock(mutex_);
    ended.swap(ended_);
  }
  for (Client& client : ended) client.thread.join();
}

bool ControlServer::Pause(milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  const MutexLock lock(mutex_);
  while (!stopping_ && changed_.WaitUntil(mutex_, until)) {
  }
  return !stopping_;
}

void ControlServer::Warn(const std::string& text) noexcept {
  diagnostics_.Log(Severity::kWarning, kComponent, text);
}

}  // namespace broker
