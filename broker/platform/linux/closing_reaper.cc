#include "platform/linux/closing_reaper.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

constexpr int64_t kPatienceUs = 30'000'000;
constexpr int64_t kIntervalUs = 5'000'000;

}  // namespace

std::vector<RawEvent> ClosingReaper::Look(LogindView& view, LoginMonitor& monitor) {
  const std::vector<Session> closing = view.Closing();
  const int64_t now_us = clock_.Now().monotonic_us;
  if (!closing.empty() && now_us < next_us_) return {};
  next_us_ = now_us + kIntervalUs;
  std::map<std::string, int64_t> empty_since_us;
  std::vector<RawEvent> reports;
  for (const Session& session : closing) {
    if (monitor.HasProcesses(session).value_or(true)) continue;
    const std::string key = MakeSessionKey("", session.Id(), session.created_us);
    const auto before = empty_since_us_.find(key);
    const int64_t since_us = before == empty_since_us_.end() ? now_us : before->second;
    if (now_us - since_us < kPatienceUs) {
      empty_since_us.emplace(key, since_us);
    } else {
      reports.push_back(view.Bury(std::string(session.Id()), "stuck in closing"));
    }
  }
  empty_since_us_ = std::move(empty_since_us);
  return reports;
}

int ClosingReaper::DueMs(const LogindView& view) const {
  if (view.Closing().empty()) return -1;
  const int64_t left_us = std::max<int64_t>(next_us_ - clock_.Now().monotonic_us, 0);
  return static_cast<int>((left_us + 999) / 1000);
}

}  // namespace broker
