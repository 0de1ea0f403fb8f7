#include "accounts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace plugins {
namespace {

constexpr size_t kFirstBytes = 4096;
constexpr size_t kMostBytes = size_t{64} << 20U;  // A group of some million members.
constexpr size_t kFirstGroups = 64;

std::optional<uint32_t> Number(const std::string& text) {
  uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

/// What a database has for a key. It leads into itself, so it stays where it is.
template <class Entry, class Key>
class Found {
 public:
  using Look = int (*)(Key, Entry*, char*, size_t, Entry**);

  /// `look` is asked again as long as there is not enough room for its answer.
  Found(Look look, Key key) {
    do {
      buffer_.resize(buffer_.empty() ? kFirstBytes : buffer_.size() * 4);
      error_ = look(key, &entry_, buffer_.data(), buffer_.size(), &found_);
    } while (error_ == ERANGE && buffer_.size() < kMostBytes);
  }
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;

  /// Null: there is none, or nobody knows.
  [[nodiscard]] const Entry* Get() const { return found_; }
  /// Source: getpwnam(3), of what errors mean that there is none.
  [[nodiscard]] bool IsKnown() const {
    return error_ == 0 || error_ == ENOENT || error_ == ESRCH || error_ == EBADF || error_ == EPERM;
  }

 private:
  std::vector<char> buffer_;
  Entry entry_ = {};
  Entry* found_ = nullptr;
  int error_ = 0;
};

using User = Found<passwd, uid_t>;
using Group = Found<group, gid_t>;

std::vector<gid_t> GroupsOf(const passwd& user) {
  std::vector<gid_t> groups(kFirstGroups);
  auto count = static_cast<int>(groups.size());
  while (getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count) < 0) {
    if (static_cast<size_t>(count) <= groups.size()) return {};
    groups.resize(static_cast<size_t>(count));
  }
  groups.resize(static_cast<size_t>(count));
  return groups;
}

}  // namespace

std::optional<std::string> UserId(const std::string& name) {
  if (Number(name)) return name;
  const Found<passwd, const char*> found(getpwnam_r, name.c_str());
  return found.Get() == nullptr ? std::nullopt : std::optional(std::to_string(found.Get()->pw_uid));
}

std::optional<std::string> GroupId(const std::string& name) {
  if (Number(name)) return name;
  const Found<group, const char*> found(getgrnam_r, name.c_str());
  return found.Get() == nullptr ? std::nullopt : std::optional(std::to_string(found.Get()->gr_gid));
}

std::vector<std::string> GroupsOf(const std::string& user_id) {
  std::vector<std::string> ids;
  const auto number = Number(user_id);
  if (!number) return ids;
  const User user(getpwuid_r, *number);
  if (user.Get() == nullptr) return ids;
  for (const gid_t id : GroupsOf(*user.Get())) ids.push_back(std::to_string(id));
  return ids;
}

std::optional<Account> AccountOf(const std::string& user_id) {
  const auto number = Number(user_id);
  if (!number) return Account();
  const User user(getpwuid_r, *number);
  if (!user.IsKnown()) return std::nullopt;
  if (user.Get() == nullptr) return Account();
  Account account{user.Get()->pw_name, {}, {}};
  for (const gid_t id : GroupsOf(*user.Get())) {
    account.group_ids.push_back(std::to_string(id));
    const Group group(getgrgid_r, id);
    if (!group.IsKnown()) return std::nullopt;
    if (group.Get() != nullptr) account.group_names.emplace_back(group.Get()->gr_name);
  }
  return account;
}

}  // namespace plugins
