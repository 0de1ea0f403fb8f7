#include "accounts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/types.h>

#include <array>
#include <charconv>

namespace plugins {
namespace {

constexpr size_t kEntryBytes = 65536;
constexpr size_t kMostGroups = 1024;

std::optional<uint32_t> Number(const std::string& text) {
  uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

/// The entry leads into `buffer`.
const passwd* Find(const std::string& user_id, passwd& entry, std::vector<char>& buffer) {
  const auto id = Number(user_id);
  passwd* found = nullptr;
  if (id) getpwuid_r(*id, &entry, buffer.data(), buffer.size(), &found);
  return found;
}

std::vector<std::string> GroupsOf(const passwd& user) {
  std::array<gid_t, kMostGroups> groups{};
  int count = static_cast<int>(groups.size());
  if (getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count) < 0) return {};
  std::vector<std::string> ids;
  ids.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) ids.push_back(std::to_string(groups.at(static_cast<size_t>(i))));
  return ids;
}

std::string NameOfGroup(const std::string& group_id) {
  std::vector<char> buffer(kEntryBytes);
  group entry = {};
  group* found = nullptr;
  const auto id = Number(group_id);
  if (id) getgrgid_r(*id, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? "" : found->gr_name;
}

}  // namespace

std::optional<std::string> UserId(const std::string& name) {
  if (Number(name)) return name;
  std::vector<char> buffer(kEntryBytes);
  passwd entry = {};
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional(std::to_string(entry.pw_uid));
}

std::optional<std::string> GroupId(const std::string& name) {
  if (Number(name)) return name;
  std::vector<char> buffer(kEntryBytes);
  group entry = {};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional(std::to_string(entry.gr_gid));
}

std::vector<std::string> GroupsOf(const std::string& user_id) {
  std::vector<char> buffer(kEntryBytes);
  passwd entry = {};
  const passwd* const found = Find(user_id, entry, buffer);
  return found == nullptr ? std::vector<std::string>() : GroupsOf(*found);
}

Account AccountOf(const std::string& user_id) {
  std::vector<char> buffer(kEntryBytes);
  passwd entry = {};
  const passwd* const found = Find(user_id, entry, buffer);
  if (found == nullptr) return {};
  Account account{found->pw_name, GroupsOf(*found), {}};
  for (const std::string& id : account.group_ids) {
    const std::string name = NameOfGroup(id);
    if (!name.empty()) account.group_names.push_back(name);
  }
  return account;
}

}  // namespace plugins
