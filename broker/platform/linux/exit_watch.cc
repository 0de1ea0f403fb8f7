#include "platform/linux/exit_watch.h"

#include <sys/epoll.h>

#include <array>
#include <utility>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which forgets to say that it is C.
}

namespace broker {
namespace {

/// A descriptor each: a quarter of what a process may have open by default.
constexpr size_t kMost = 256;
constexpr int kAtOnce = 16;

}  // namespace

ExitWatch::ExitWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

void ExitWatch::Add(int64_t pid, uid_t user) {
  if (processes_.size() >= kMost) return;
  UniqueFd process(::pidfd_open(static_cast<pid_t>(pid), 0));
  if (process.get() < 0) return;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = process.get();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, process.get(), &event) < 0) return;
  const int fd = process.get();
  processes_.insert_or_assign(fd, Process{std::move(process), user});
}

std::vector<uid_t> ExitWatch::TakeEnded() {
  std::vector<uid_t> users;
  std::array<epoll_event, kAtOnce> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), kAtOnce, 0);
  for (int i = 0; i < count; ++i) {
    const auto ended = processes_.extract(events[static_cast<size_t>(i)].data.fd);
    if (!ended.empty()) users.push_back(ended.mapped().user);
  }
  return users;
}

}  // namespace broker
