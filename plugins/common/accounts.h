#pragma once

#include <optional>
#include <string>
#include <vector>

// Implemented once per system in platform/*/accounts.cc. All of it looks into the system's
// databases, which may take time, and for ever where a server does not answer.

namespace plugins {

/// The id of a user or a group, of which `name` is the name or the id itself; as text, as sessions
/// have it. Nothing where there is none.
[[nodiscard]] std::optional<std::string> UserId(const std::string& name);
[[nodiscard]] std::optional<std::string> GroupId(const std::string& name);

/// The ids of the groups that the user with this id is in; none where there is no such user.
[[nodiscard]] std::vector<std::string> GroupsOf(const std::string& user_id);

/// Who a user is, as the system's databases have it. A value.
struct Account {
  std::string name;  ///< Empty: there is no such user.
  std::vector<std::string> group_ids;
  std::vector<std::string> group_names;  ///< Of those that have one.
};

/// The account with this id; nothing where the databases do not answer now.
[[nodiscard]] std::optional<Account> AccountOf(const std::string& user_id);

}  // namespace plugins
