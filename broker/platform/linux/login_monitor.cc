#include "platform/linux/login_monitor.h"

#include <systemd/sd-login.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <system_error>

#include "platform/linux/session_scope.h"

namespace broker {
namespace {

struct MonitorCloser {
  void operator()(sd_login_monitor* monitor) const { sd_login_monitor_unref(monitor); }
};

struct Freer {
  void operator()(char* text) const { std::free(text); }
};

uint64_t MonotonicUs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000U + static_cast<uint64_t>(now.tv_nsec) / 1000U;
}

class SdLoginMonitor final : public LoginMonitor {
 public:
  explicit SdLoginMonitor(sd_login_monitor* monitor) : monitor_(monitor) {}

  [[nodiscard]] PollWish Wish() const override {
    const int fd = sd_login_monitor_get_fd(monitor_.get());
    const int events = sd_login_monitor_get_events(monitor_.get());
    return {fd, static_cast<short>(std::max(events, 0)), TimeoutMs()};
  }

  void Flush() override { sd_login_monitor_flush(monitor_.get()); }

  [[nodiscard]] std::optional<SessionState> StateOf(const std::string& id) override {
    char* name = nullptr;
    if (sd_session_get_state(id.c_str(), &name) < 0) return std::nullopt;
    const std::unique_ptr<char, Freer> owner(name);
    return ParseSessionState(name);
  }

  [[nodiscard]] std::optional<bool> HasProcesses(const Session& session) override {
    return ScopeHasProcesses("/sys/fs/cgroup", session.UserId(), session.Id());
  }

 private:
  [[nodiscard]] int TimeoutMs() const {
    uint64_t due_us = 0;
    const int error = sd_login_monitor_get_timeout(monitor_.get(), &due_us);
    if (error < 0 || due_us == std::numeric_limits<uint64_t>::max()) return -1;
    const uint64_t now_us = MonotonicUs();
    const uint64_t left_ms = due_us > now_us ? (due_us - now_us + 999U) / 1000U : 0;
    return static_cast<int>(std::min<uint64_t>(left_ms, std::numeric_limits<int>::max()));
  }

  std::unique_ptr<sd_login_monitor, MonitorCloser> monitor_;
};

}  // namespace

Result<std::unique_ptr<LoginMonitor>> WatchLogins() {
  sd_login_monitor* monitor = nullptr;
  // Sessions only: users and seats would wake it far more often and tell nothing of use.
  const int error = sd_login_monitor_new("session", &monitor);
  if (error < 0) {
    return Status(StatusCode::kUnavailable,
                  "the states of sessions in /run/systemd/sessions cannot be watched: " +
                      std::generic_category().message(-error));
  }
  return std::unique_ptr<LoginMonitor>(std::make_unique<SdLoginMonitor>(monitor));
}

}  // namespace broker
