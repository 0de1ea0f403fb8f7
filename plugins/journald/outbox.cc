#include "outbox.h"

#include <algorithm>
#include <utility>

namespace journald {
namespace {

// A full socket is empty again in a moment, a journal that was stopped is not.
constexpr std::chrono::milliseconds kFirstDelay{1};
constexpr std::chrono::milliseconds kLongestDelay{1000};

}  // namespace

Outbox::Outbox(const usher::Host& host, Send send)
    : host_(host), send_(std::move(send)), delay_(kFirstDelay), thread_([this] { Work(); }) {}

usher::Answer Outbox::Post(std::string record, const usher::Event& event) {
  const Lock lock(mutex_);
  if (waiting_.empty() && !send_(record)) return usher::Answer::kDone;
  waiting_.push_back({std::move(record), usher::Completion(host_, event)});
  changed_.notify_one();
  return usher::Answer::kPending;
}

void Outbox::Stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
  SendWaiting();
  waiting_.clear();
}

void Outbox::Work() {
  Lock lock(mutex_);
  while (WaitForAttempt(lock)) SendWaiting();
}

bool Outbox::WaitForAttempt(Lock& lock) {
  changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  changed_.wait_for(lock, delay_, [this] { return stopping_; });
  return !stopping_;
}

void Outbox::SendWaiting() {
  while (!waiting_.empty()) {
    if (const std::error_code trouble = send_(waiting_.front().record)) return Tell(trouble);
    waiting_.front().completion.Done();
    waiting_.pop_front();
    delay_ = kFirstDelay;
  }
  if (std::exchange(told_, false)) host_.LogInfo("the journal takes events again; none was lost");
}

/// What is over within a second or two nobody needs to know.
void Outbox::Tell(const std::error_code& trouble) {
  delay_ = std::min(2 * delay_, kLongestDelay);
  if (delay_ < kLongestDelay || std::exchange(told_, true)) return;
  host_.LogWarning("the journal takes no events (" + trouble.message() +
                   "); they wait in Usher's log until it does: see systemctl status "
                   "systemd-journald");
}

}  // namespace journald
