#include "selection.h"

#include <algorithm>
#include <string>
#include <vector>

#include "type_glob.h"

namespace agents {
namespace {

bool MatchesOne(const std::vector<std::string>& globs, const std::string& text) {
  return std::any_of(globs.begin(), globs.end(),
                     [&text](const std::string& glob) { return plugins::MatchesGlob(glob, text); });
}

bool Passes(const std::vector<std::string>& globs, const std::string& text) {
  return globs.empty() || MatchesOne(globs, text);
}

/// What a glob of digits means no name could be.
bool AreIds(const std::vector<std::string>& globs) {
  return std::all_of(globs.begin(), globs.end(), [](const std::string& glob) {
    return glob.find_first_not_of("0123456789") == std::string::npos;
  });
}

bool MatchesUser(const std::vector<std::string>& globs, const Session& session,
                 const plugins::Account& account) {
  return MatchesOne(globs, session.user_id) || MatchesOne(globs, account.name);
}

bool MatchesGroup(const std::vector<std::string>& globs, const plugins::Account& account) {
  const auto matches = [&globs](const std::string& group) { return MatchesOne(globs, group); };
  return std::any_of(account.group_ids.begin(), account.group_ids.end(), matches) ||
         std::any_of(account.group_names.begin(), account.group_names.end(), matches);
}

}  // namespace

Match Matches(const Selection& selection, const Session& session, const plugins::Account* account) {
  const bool is_one = Passes(selection.classes, session.session_class) &&
                      Passes(selection.types, session.type) &&
                      Passes(selection.seats, session.seat) &&
                      (selection.via.empty() || (selection.via == "remote") == session.remote);
  if (!is_one) return Match::kNo;
  const bool ids_do = AreIds(selection.users) && selection.groups.empty();
  if (account == nullptr && !ids_do) return Match::kUnknown;
  static const plugins::Account kNobody;
  const plugins::Account& who = account == nullptr ? kNobody : *account;
  const bool user = selection.users.empty() || MatchesUser(selection.users, session, who);
  const bool group = selection.groups.empty() || MatchesGroup(selection.groups, who);
  return user && group ? Match::kYes : Match::kNo;
}

}  // namespace agents
