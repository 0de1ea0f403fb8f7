#include "accounts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/types.h>

#include <array>
#include <charconv>

namespace hooks {
namespace {

constexpr size_t kEntryBytes = 65536;
constexpr size_t kMostGroups = 1024;

std::optional<uint32_t> Number(const std::string& text) {
  uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
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
  const auto id = Number(user_id);
  std::vector<char> buffer(kEntryBytes);
  passwd entry = {};
  passwd* found = nullptr;
  if (id) getpwuid_r(*id, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return {};
  std::array<gid_t, kMostGroups> groups{};
  int count = static_cast<int>(groups.size());
  if (getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) return {};
  std::vector<std::string> ids;
  ids.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) ids.push_back(std::to_string(groups.at(static_cast<size_t>(i))));
  return ids;
}

}  // namespace hooks
