#include "usherctl/event_filter.h"

#include <algorithm>

#include "event/text.h"

namespace broker {
namespace {

template <class Condition>
bool EitherSession(const Event& event, Condition holds) {
  return (event.session != nullptr && holds(*event.session)) ||
         (event.before != nullptr && holds(*event.before));
}

}  // namespace

bool EventFilter::Matches(const Event& event) const {
  const auto has_type = [&](const std::string& glob) {
    return MatchesGlob(glob, event.TypeName());
  };
  const auto has_id = [&](const Session& of) { return of.id == session; };
  const auto has_user = [&](const Session& of) { return of.user == user || of.user_id == user; };
  return (types.empty() || std::any_of(types.begin(), types.end(), has_type)) &&
         (session.empty() || EitherSession(event, has_id)) &&
         (user.empty() || EitherSession(event, has_user));
}

}  // namespace broker
