#include "daemon/service.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <initializer_list>

#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

/// A descriptor that these signals come by from now on, in place of what they do by themselves.
UniqueFd TakeOver(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return UniqueFd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

std::chrono::microseconds HalfOfWatchdog() {
  uint64_t whole_us = 0;
  if (sd_watchdog_enabled(0, &whole_us) <= 0) return {};
  return std::chrono::microseconds(whole_us / 2);
}

class SystemdService final : public Service {
 public:
  SystemdService() : wake_(eventfd(0, EFD_CLOEXEC)) {
    // A client that hangs up must be an error of its write, not the end of the broker.
    std::signal(SIGPIPE, SIG_IGN);
    // And a file that may not grow any more as well.
    std::signal(SIGXFSZ, SIG_IGN);
  }

  void Ready(const std::string& status) override {
    sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
  }

  void Stopping() override { sd_notify(0, "STOPPING=1"); }

  [[nodiscard]] std::chrono::microseconds AliveInterval() const override { return alive_interval_; }

  void Alive() noexcept override { sd_notify(0, "WATCHDOG=1"); }

  [[nodiscard]] bool StopAsked() const noexcept override {
    pollfd wait{stop_.get(), POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
  }

  ServiceRequest WaitForRequest() override {
    std::array<pollfd, 3> waits{
        {{stop_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}, {reload_.get(), POLLIN, 0}}};
    while (poll(waits.data(), waits.size(), -1) < 0) {
    }
    if (waits[0].revents != 0 || waits[1].revents != 0) return ServiceRequest::kStop;
    signalfd_siginfo asked{};
    while (::read(reload_.get(), &asked, sizeof asked) > 0) {
    }
    return ServiceRequest::kReload;
  }

  void RequestStop() noexcept override { eventfd_write(wake_.get(), 1); }

 private:
  UniqueFd wake_;
  const UniqueFd stop_ = TakeOver({SIGTERM, SIGINT});
  const UniqueFd reload_ = TakeOver({SIGHUP});
  const std::chrono::microseconds alive_interval_ = HalfOfWatchdog();
};

}  // namespace

bool WritesToJournal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return stream == std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
}

std::unique_ptr<Service> MakeService() {
  return std::make_unique<SystemdService>();
}

int64_t ProcessId() {
  return getpid();
}

}  // namespace broker
