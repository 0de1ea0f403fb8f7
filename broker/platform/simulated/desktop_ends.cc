// When sessions were over, and users had none any more.
#include <algorithm>

#include "platform/simulated/desktop.h"

namespace broker {

std::optional<int64_t> SimulatedDesktop::EndOf(const Session& session) const {
  const MutexLock lock(mutex_);
  if (IsLoggedOn(session)) return std::nullopt;
  const auto end = std::find_if(ends_.rbegin(), ends_.rend(),
                                [&](const End& each) { return each.key == session.Key(); });
  return end == ends_.rend() ? 0 : end->at_us;
}

std::optional<int64_t> SimulatedDesktop::EndOfUser(const Session& session, int64_t since_us) const {
  const MutexLock lock(mutex_);
  if (IsLoggedOn(session)) return std::nullopt;
  for (const End& end : ends_) {
    const bool counts = end.user_id == session.UserId() && end.at_us >= since_us;
    if (counts && !WasLoggedOn(end.user_id, end.at_us)) return end.at_us;
  }
  return std::nullopt;
}

bool SimulatedDesktop::IsLoggedOn(const Session& session) const {
  const auto found = sessions_.find(session.Id());
  return power_ != Power::kDown && found != sessions_.end() &&
         found->second.Key() == session.Key() && found->second.state != SessionState::kClosing;
}

bool SimulatedDesktop::WasLoggedOn(std::string_view user_id, int64_t at_us) const {
  for (const auto& [id, session] : sessions_) {
    const bool counts = session.UserId() == user_id && session.created_us <= at_us;
    if (counts && IsLoggedOn(session)) return true;
  }
  return std::any_of(ends_.begin(), ends_.end(), [&](const End& each) {
    return each.user_id == user_id && each.created_us <= at_us && at_us < each.at_us;
  });
}

void SimulatedDesktop::NoteEnd(const Session& session) {
  if (!IsLoggedOn(session)) return;
  ends_.push_back({std::string(session.Key()), std::string(session.UserId()), session.created_us,
                   clock_.Now().monotonic_us});
  if (ends_.size() > kMostEnds) ends_.pop_front();
}

}  // namespace broker
