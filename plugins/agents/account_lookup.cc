#include "account_lookup.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace agents {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(250);
constexpr auto kPatienceAtTheEnd = std::chrono::seconds(1);
constexpr auto kFreshFor = std::chrono::minutes(5);
constexpr auto kAskAgainAfter = std::chrono::seconds(1);

}  // namespace

/// What both threads have in common; outlives a thread that is left behind.
struct AccountLookup::Shared {
  const Find find;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> asked;
  std::deque<std::string> unanswered;
  std::vector<std::pair<std::string, plugins::Account>> answers;
  bool stopping = false;
  bool ended = false;

  explicit Shared(Find its_find) : find(std::move(its_find)) {}

  void Work() {
    std::unique_lock lock(mutex);
    while (true) {
      WaitForWork(lock);
      if (stopping) break;
      const std::string user_id = std::move(asked.front());
      asked.pop_front();
      lock.unlock();
      auto account = find(user_id);
      lock.lock();
      if (account) {
        answers.emplace_back(user_id, *std::move(account));
        changed.notify_all();
      } else {
        unanswered.push_back(user_id);
      }
    }
    ended = true;
    changed.notify_all();
  }

  /// Who has no answer is asked for again once there is nobody else.
  void WaitForWork(std::unique_lock<std::mutex>& lock) {
    const auto is_needed = [this] { return stopping || !asked.empty(); };
    if (unanswered.empty()) return changed.wait(lock, is_needed);
    if (!changed.wait_for(lock, kAskAgainAfter, is_needed)) asked.swap(unanswered);
  }
};

AccountLookup::AccountLookup(Find find) : shared_(std::make_shared<Shared>(std::move(find))) {}

AccountLookup::~AccountLookup() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
  const bool ended =
      shared_->changed.wait_for(lock, kPatienceAtTheEnd, [this] { return shared_->ended; });
  lock.unlock();
  ended ? thread_.join() : thread_.detach();
}

const plugins::Account* AccountLookup::Of(const std::string& user_id) {
  Collect();
  const auto known = known_.find(user_id);
  const bool fresh =
      known != known_.end() && std::chrono::steady_clock::now() < known->second.since + kFreshFor;
  if (!fresh && missing_.count(user_id) == 0) Ask(user_id);
  const auto now_known = known_.find(user_id);
  if (now_known != known_.end()) return &now_known->second.account;
  missing_[user_id] = true;
  return nullptr;
}

void AccountLookup::Ask(const std::string& user_id) {
  if (!thread_.joinable()) thread_ = std::thread([shared = shared_] { shared->Work(); });
  const bool patient = missing_.empty() && known_.count(user_id) == 0;
  missing_.emplace(user_id, false);
  {
    std::unique_lock lock(shared_->mutex);
    shared_->asked.push_back(user_id);
    shared_->changed.notify_all();
    if (patient) {
      shared_->changed.wait_for(lock, kPatience, [this] { return !shared_->answers.empty(); });
    }
  }
  Collect();
}

void AccountLookup::Collect() {
  std::vector<std::pair<std::string, plugins::Account>> answers;
  {
    const std::lock_guard lock(shared_->mutex);
    answers.swap(shared_->answers);
  }
  for (auto& [user_id, account] : answers) {
    known_[user_id] = {std::move(account), std::chrono::steady_clock::now()};
    const auto missing = missing_.find(user_id);
    if (missing != missing_.end() && missing->second) found_.push_back(user_id);
    missing_.erase(user_id);
  }
}

bool AccountLookup::IsWaiting() const {
  return std::any_of(missing_.begin(), missing_.end(),
                     [](const auto& each) { return each.second; });
}

std::vector<std::string> AccountLookup::TakeFound() {
  Collect();
  return std::exchange(found_, {});
}

}  // namespace agents
