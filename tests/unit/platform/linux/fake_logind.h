#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platform/linux/logind_bus.h"
#include "platform/linux/unique_fd.h"

namespace broker::testing {

/// A logind in memory, behind the seam of the source: what it has can be changed, what it says and
/// how it fails can be scripted. Thread-safe; must outlive the links made to it.
class FakeLogind {
 public:
  FakeLogind()
      : bus_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        monitor_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  LogindConnector Connector() {
    return [this] { return Connect(); };
  }

  static PropertyMap Facts(const std::string& user, bool locked = false) {
    return {{"Name", user},
            {"Class", std::string("user")},
            {"Type", std::string("wayland")},
            {"Seat", std::pair(std::string("seat0"), std::string("/"))},
            {"State", std::string("active")},
            {"Active", true},
            {"LockedHint", locked},
            {"TimestampMonotonic", uint64_t{1000}}};
  }

  void Put(const std::string& id, PropertyMap facts) {
    const std::lock_guard lock(mutex_);
    sessions_[id] = std::move(facts);
  }
  void Remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(id);
  }
  void PutState(const std::string& id, SessionState state) {
    const std::lock_guard lock(mutex_);
    states_[id] = state;
    eventfd_write(monitor_fd_.get(), 1);
  }

  /// Nothing runs in the session any more.
  void EmptyScope(const std::string& id) {
    const std::lock_guard lock(mutex_);
    empty_.insert(id);
  }

  /// Signals that come in one go.
  void Say(std::vector<LogindSignal> signals) {
    const std::lock_guard lock(mutex_);
    for (LogindSignal& signal : signals) signals_.push_back(std::move(signal));
    eventfd_write(bus_fd_.get(), 1);
  }
  void Say(LogindSays says, const std::string& id = "", PropertyMap changed = {}) {
    Say({LogindSignal{says, id, id, std::move(changed)}});
  }

  /// The next receive fails, and so do all calls, until somebody connects again.
  void BreakBus() {
    const std::lock_guard lock(mutex_);
    broken_ = true;
    eventfd_write(bus_fd_.get(), 1);
  }
  void RefuseConnections(bool refuse) {
    const std::lock_guard lock(mutex_);
    refusing_ = refuse;
  }
  void FailCalls(Status status) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(status);
  }

  /// What the next one who asks for a delay inhibitor is answered.
  void AnswerInhibit(Status status, int64_t max_us) {
    const std::lock_guard lock(mutex_);
    inhibit_answer_ = std::move(status);
    max_delay_us_ = max_us;
  }

  /// Whether somebody holds an inhibitor that was given out.
  [[nodiscard]] bool Inhibited() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(inhibitors_, [](const UniqueFd& end) {
      pollfd polled{end.get(), POLLIN, 0};
      return poll(&polled, 1, 0) == 0;
    });
  }
  /// How many were given out.
  [[nodiscard]] size_t Inhibitors() const {
    const std::lock_guard lock(mutex_);
    return inhibitors_.size();
  }

  [[nodiscard]] size_t Connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

  /// How many links there are now. The last one to go is the last to touch this.
  [[nodiscard]] size_t Links() const { return links_; }

  /// How many calls were begun.
  [[nodiscard]] size_t Calls() const { return calls_; }

  /// How often it was looked whether something runs in a session.
  [[nodiscard]] size_t ScopeLooks() const { return scope_looks_; }

  /// Held, it lets every call on the bus hang.
  std::mutex& CallGate() { return call_gate_; }

 private:
  class Bus;
  class Monitor;

  Result<LogindLink> Connect();

  Status CallStatus() {
    ++calls_;
    { const std::lock_guard hang(call_gate_); }
    const std::lock_guard lock(mutex_);
    return broken_ ? Status(StatusCode::kUnavailable, "broken") : failure_;
  }

  Result<std::vector<LogindObject>> List() {
    Status status = CallStatus();
    if (!status.ok()) return status;
    const std::lock_guard lock(mutex_);
    std::vector<LogindObject> objects;
    for (const auto& [id, facts] : sessions_) objects.push_back({id, id});
    return objects;
  }

  Result<PropertyMap> Read(const std::string& id) {
    Status status = CallStatus();
    if (!status.ok()) return status;
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return Status(StatusCode::kNotFound, "gone");
    return found->second;
  }

  /// A pipe's writing end; its reading end sees when it is closed.
  Result<DelayInhibitor> Inhibit() {
    const std::lock_guard lock(mutex_);
    if (broken_) return Status(StatusCode::kUnavailable, "broken");
    if (!inhibit_answer_.ok()) return inhibit_answer_;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return Status(StatusCode::kInternal, "no pipe");
    inhibitors_.emplace_back(ends[0]);
    return DelayInhibitor{UniqueFd(ends[1]), max_delay_us_};
  }

  Status Receive(std::vector<LogindSignal>& signals) {
    const std::lock_guard lock(mutex_);
    eventfd_t ignored = 0;
    eventfd_read(bus_fd_.get(), &ignored);
    signals = std::exchange(signals_, {});
    return broken_ ? Status(StatusCode::kUnavailable, "broken") : Status();
  }

  mutable std::mutex mutex_;
  std::mutex call_gate_;
  const UniqueFd bus_fd_;
  const UniqueFd monitor_fd_;
  std::map<std::string, PropertyMap> sessions_;
  std::map<std::string, SessionState> states_;
  std::set<std::string> empty_;
  std::vector<LogindSignal> signals_;
  Status failure_;
  Status inhibit_answer_;
  int64_t max_delay_us_ = 5'000'000;
  std::vector<UniqueFd> inhibitors_;
  bool broken_ = false;
  bool refusing_ = false;
  size_t connections_ = 0;
  std::atomic<size_t> links_{0};
  std::atomic<size_t> calls_{0};
  std::atomic<size_t> scope_looks_{0};
};

class FakeLogind::Bus final : public LogindBus {
 public:
  explicit Bus(FakeLogind& logind) : logind_(logind) { ++logind_.links_; }
  ~Bus() override { --logind_.links_; }

  [[nodiscard]] PollWish Wish() const override { return {logind_.bus_fd_.get(), 1, -1}; }
  Status Receive(std::vector<LogindSignal>& signals) override { return logind_.Receive(signals); }
  Result<std::vector<LogindObject>> Sessions() override { return logind_.List(); }
  Result<std::vector<LogindObject>> Seats() override {
    return std::vector<LogindObject>{{"seat0", "seat0"}};
  }
  Result<PropertyMap> SessionProperties(const std::string& path) override {
    return logind_.Read(path);
  }
  Result<PropertyMap> SeatProperties(const std::string&) override {
    return PropertyMap{{"ActiveSession", std::pair(std::string("1"), std::string("/"))}};
  }
  Result<DelayInhibitor> Inhibit() override { return logind_.Inhibit(); }

 private:
  FakeLogind& logind_;
};

class FakeLogind::Monitor final : public LoginMonitor {
 public:
  explicit Monitor(FakeLogind& logind) : logind_(logind) {}

  [[nodiscard]] PollWish Wish() const override { return {logind_.monitor_fd_.get(), 1, -1}; }
  void Flush() override {
    eventfd_t ignored = 0;
    eventfd_read(logind_.monitor_fd_.get(), &ignored);
  }
  [[nodiscard]] std::optional<SessionState> StateOf(const std::string& id) override {
    const std::lock_guard lock(logind_.mutex_);
    const auto found = logind_.states_.find(id);
    return found == logind_.states_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<bool> HasProcesses(const Session& session) override {
    ++logind_.scope_looks_;
    const std::lock_guard lock(logind_.mutex_);
    return !logind_.empty_.contains(std::string(session.Id()));
  }

 private:
  FakeLogind& logind_;
};

inline Result<LogindLink> FakeLogind::Connect() {
  const std::lock_guard lock(mutex_);
  ++connections_;
  if (refusing_) return Status(StatusCode::kUnavailable, "no connection to the system bus");
  broken_ = false;
  LogindLink link;
  link.bus = std::make_unique<Bus>(*this);
  link.monitor = std::make_unique<Monitor>(*this);
  return link;
}

}  // namespace broker::testing
