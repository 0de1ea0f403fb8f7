#include "plugin_host/host_services/plugin_runs.h"

#include <utility>

#include "action/policy.h"
#include "plugin_host/host_services/mailbox.h"

namespace broker {

/// Where a runner leaves what it has to say. Outlives the instance if it must.
class PluginRuns::Inbox final : public RunListener {
 public:
  struct Letter {
    RunId run = 0;
    int64_t pid = 0;
    std::optional<RunEnd> end;
  };

  void Started(RunId run, int64_t pid) noexcept override { letters.Put({run, pid, std::nullopt}); }
  void Ended(RunId run, RunEnd end) noexcept override { letters.Put({run, 0, std::move(end)}); }

  Mailbox<Letter> letters;
};

PluginRuns::PluginRuns(Runner* runner) : runner_(runner), inbox_(std::make_shared<Inbox>()) {}

PluginRuns::~PluginRuns() {
  CancelAll();
}

void PluginRuns::WakeBy(std::function<void()> wake) {
  inbox_->letters.WakeBy(std::move(wake));
}

usher_status PluginRuns::Start(RunOrder order, const Call& call, usher_run& run, std::string& why) {
  if (call.callback == nullptr) {
    why = "a run needs a callback";
    return USHER_INVALID_ARGUMENT;
  }
  const Status checked = CheckOrder(order);
  if (!checked.ok()) {
    why = checked.message();
    return USHER_INVALID_ARGUMENT;
  }
  if (runs_.size() >= USHER_RUN_MAX_RUNS) {
    why = "there are " + std::to_string(USHER_RUN_MAX_RUNS) +
          " runs already, which is all an instance may have; wait for one to end";
    return USHER_LIMIT;
  }
  Run begun{0, call, order.program, order.run_as, {}};
  if (order.session != nullptr) begun.session = order.session->Id();
  run = begun.id = runner_->Start(std::move(order), inbox_);
  runs_.emplace(begun.id, std::move(begun));
  return USHER_OK;
}

usher_status PluginRuns::Cancel(usher_run run) {
  const auto found = runs_.find(run);
  if (found == runs_.end() || found->second.call.callback == nullptr) return USHER_NOT_FOUND;
  found->second.call.callback = nullptr;
  runner_->Cancel(run);
  return USHER_OK;
}

std::optional<PluginRuns::News> PluginRuns::Take() {
  auto letter = inbox_->letters.Take();
  if (!letter) return std::nullopt;
  const auto found = runs_.find(letter->run);
  News news{found->second, letter->pid, std::move(letter->end)};
  if (news.end) runs_.erase(found);
  return news;
}

std::vector<PluginRuns::Run> PluginRuns::CancelAll() {
  inbox_->letters.WakeBy(nullptr);
  std::vector<Run> cancelled;
  for (auto& [id, run] : std::exchange(runs_, {})) {
    runner_->Cancel(id);
    cancelled.push_back(std::move(run));
  }
  while (inbox_->letters.Take()) {
  }
  return cancelled;
}

}  // namespace broker
