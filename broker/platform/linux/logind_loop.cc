#include "platform/linux/logind_loop.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <vector>

namespace broker {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstDelay{50};
constexpr milliseconds kLongestDelay{5000};

constexpr std::string_view kComponent = "logind";

/// The shorter of two time-outs of poll(2), of which -1 is the longest.
int Sooner(int a, int b) {
  if (a < 0) return b;
  return b < 0 ? a : std::min(a, b);
}

}  // namespace

LogindLoop::LogindLoop(LogindConnector connect, UniqueFd wake, RememberedSessions remembered,
                       RawSink& sink, Diagnostics& diagnostics)
    : connect_(std::move(connect)),
      wake_(std::move(wake)),
      gate_(sink, diagnostics),
      reporter_(gate_, gate_, clock_, std::move(remembered)) {}

void LogindLoop::Run() noexcept {
  while (!stopping_) {
    try {
      Turn();
    } catch (const std::exception& error) {
      Drop({StatusCode::kInternal, std::string("following logind failed: ") + error.what()});
    }
  }
  link_.reset();
  reporter_.LetGo();
  const MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

bool LogindLoop::Stop(TimePoint deadline) noexcept {
  stopping_ = true;
  Wake();
  const MutexLock lock(mutex_);
  while (!ended_ && changed_.WaitUntil(mutex_, deadline)) {
  }
  gate_.Close();
  return ended_;
}

void LogindLoop::RequestSnapshot() noexcept {
  snapshot_wanted_ = true;
  Wake();
}

void LogindLoop::EndDelay(int64_t reported_us) noexcept {
  delay_ended_us_ = reported_us;
  Wake();
}

void LogindLoop::Wake() noexcept {
  eventfd_write(wake_.get(), 1);
}

void LogindLoop::Turn() {
  if (!link_ && steady_clock::now() >= retry_at_) Connect();
  if (stopping_) return;
  Wait();
  if (const int64_t ended_us = delay_ended_us_.exchange(0)) reporter_.EndDelay(ended_us);
  if (link_ && !stopping_) Serve();
}

void LogindLoop::Connect() {
  Result<LogindLink> link = connect_();
  if (!link.ok()) return Drop(link.status());
  link_ = std::move(link).value();
  linked_at_ = steady_clock::now();
  snapshot_wanted_ = false;
  const Status begun = reporter_.Begin(*link_);
  if (!begun.ok()) return Drop(begun);
  if (std::exchange(in_trouble_, false)) {
    gate_.Log(Severity::kInfo, kComponent, "logind can be followed again");
  }
}

void LogindLoop::Wait() {
  std::array<pollfd, 3> polled{{{wake_.get(), POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  if (link_) {
    const PollWish bus = link_->bus->Wish();
    const PollWish monitor = link_->monitor->Wish();
    polled[1] = {bus.fd, bus.events, 0};
    polled[2] = {monitor.fd, monitor.events, 0};
  }
  poll(polled.data(), polled.size(), TimeoutMs());
  eventfd_t ignored = 0;
  if (polled[0].revents != 0) eventfd_read(wake_.get(), &ignored);
  monitor_due_ = polled[2].revents != 0;
}

int LogindLoop::TimeoutMs() const {
  if (link_) {
    const int wished = Sooner(link_->bus->Wish().timeout_ms, link_->monitor->Wish().timeout_ms);
    return Sooner(wished, reporter_.ReapInMs());
  }
  const auto left = ceil<milliseconds>(retry_at_ - steady_clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void LogindLoop::Serve() {
  std::vector<LogindSignal> signals;
  Status status = link_->bus->Receive(signals);
  // What came before a connection broke still counts.
  const Status heard = reporter_.Hear(*link_, signals);
  if (status.ok()) status = heard;
  if (status.ok() && snapshot_wanted_.exchange(false)) status = reporter_.Refresh(*link_);
  if (!status.ok()) return Drop(status);
  if (monitor_due_) {
    link_->monitor->Flush();
    reporter_.ReadStates(*link_);
  }
  reporter_.Reap(*link_->monitor);
}

void LogindLoop::Drop(const Status& why) {
  const auto now = steady_clock::now();
  const bool held = link_ && now - linked_at_ >= kLongestDelay;
  delay_ = held || delay_ == milliseconds(0) ? kFirstDelay : std::min(delay_ * 2, kLongestDelay);
  retry_at_ = now + delay_;
  link_.reset();
  reporter_.Lose(why.message());
  SayTrouble(why);
}

void LogindLoop::SayTrouble(const Status& why) {
  if (std::exchange(in_trouble_, true)) return;
  gate_.Log(
      Severity::kWarning, kComponent,
      why.message() +
          "; trying again until it works. Start systemd-logind (systemctl start systemd-logind), "
          "or elogind, which has the same name on the system bus. A machine without either has "
          "no source of real events: there, set type = \"simulated\" or \"replay\" under "
          "[source]");
}

}  // namespace broker
