#include "usherctl/event_filter.h"

#include <algorithm>
#include <string_view>

#include "event/text.h"

namespace broker {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// A glob that sees quickly what does not begin as it does.
class TypeGlob {
 public:
  explicit TypeGlob(const std::string& glob)
      : prefix_(glob.substr(0, glob.find_first_of("*?"))), rest_(glob.substr(prefix_.size())) {}

  [[nodiscard]] bool Matches(std::string_view type) const {
    if (!type.starts_with(prefix_)) return false;
    type.remove_prefix(prefix_.size());
    return rest_.empty() ? type.empty() : MatchesGlob(rest_, type);
  }

 private:
  std::string prefix_;
  std::string rest_;
};

template <class Condition>
bool EitherSession(const Event& event, Condition holds) {
  return (event.session != nullptr && holds(*event.session)) ||
         (event.before != nullptr && holds(*event.before));
}

}  // namespace

bool EventFilter::Matches(const Event& event) const {
  const auto has_id = [this](const Session& of) { return Contains(sessions, of.Id()); };
  const auto has_user = [this](const Session& of) {
    return Contains(users, of.User()) || Contains(users, of.UserId());
  };
  const auto has_type = [&event](const std::string& glob) {
    return MatchesGlob(glob, event.TypeName());
  };
  return (types.empty() || std::any_of(types.begin(), types.end(), has_type)) &&
         (sessions.empty() || EitherSession(event, has_id)) &&
         (users.empty() || EitherSession(event, has_user));
}

LogSelection EventFilter::Selection() const {
  LogSelection selection;
  if (!types.empty()) {
    selection.type =
        [globs = std::vector<TypeGlob>(types.begin(), types.end())](std::string_view type) {
          return std::any_of(globs.begin(), globs.end(),
                             [type](const TypeGlob& glob) { return glob.Matches(type); });
        };
  }
  if (!sessions.empty() || !users.empty()) {
    selection.event = [this](const Event& event) { return Matches(event); };
  }
  return selection;
}

}  // namespace broker
