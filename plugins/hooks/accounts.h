#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Implemented once per system in platform/*/accounts.cc.

namespace hooks {

/// The id of a user or a group, of which `name` is the name or the id itself; as text, as sessions
/// have it. Nothing where there is none. Looks into the system's databases, which may take time.
[[nodiscard]] std::optional<std::string> UserId(const std::string& name);
[[nodiscard]] std::optional<std::string> GroupId(const std::string& name);

/// The ids of the groups that the user with this id is in; none where there is no such user.
[[nodiscard]] std::vector<std::string> GroupsOf(const std::string& user_id);

}  // namespace hooks
