#include "platform/linux/os_error.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>

namespace broker {
namespace {

struct Meaning {
  int code;
  StatusCode status;
  std::string_view advice;
};

constexpr std::array<Meaning, 19> kMeanings{{
    {ENOENT, StatusCode::kNotFound, ""},
    {EEXIST, StatusCode::kExists, ""},
    {EACCES, StatusCode::kPermission,
     "run it as a user who may, or give this one the right on it and the directories above"},
    {EPERM, StatusCode::kPermission, "run it as its owner or as root, and see lsattr(1)"},
    {EROFS, StatusCode::kPermission, "mount the file system writable, or choose another place"},
    {ENOSPC, StatusCode::kNoSpace, "free some space there"},
    {EDQUOT, StatusCode::kNoSpace, "free some space there, or raise the quota"},
    {EFBIG, StatusCode::kNoSpace, "raise the limit of file sizes (LimitFSIZE=, ulimit -f)"},
    {ENOTDIR, StatusCode::kInvalid, "a part of the path is a file: remove it, or choose another"},
    {EISDIR, StatusCode::kInvalid, "a file is wanted there: move the directory away"},
    {ELOOP, StatusCode::kInvalid, "links are not followed there: give the path that it leads to"},
    {ENAMETOOLONG, StatusCode::kInvalid, "choose a shorter path"},
    {EINVAL, StatusCode::kInvalid, ""},
    {EMFILE, StatusCode::kUnavailable, "raise the limit of open files (LimitNOFILE=, ulimit -n)"},
    {ENFILE, StatusCode::kUnavailable, "raise fs.file-max (sysctl(8))"},
    {ENOMEM, StatusCode::kUnavailable, ""},
    {EAGAIN, StatusCode::kUnavailable, ""},
    {EINTR, StatusCode::kUnavailable, ""},
    {EIO, StatusCode::kIo, "the disk may be failing: see the kernel's log (journalctl -k)"},
}};

Meaning MeaningOf(int code) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code == code) return meaning;
  }
  return {code, StatusCode::kIo, ""};
}

/// "permission denied (EACCES, code 13)".
std::string Describe(int code) {
  const char* const description = strerrordesc_np(code);
  std::string text = description == nullptr ? "unknown error" : description;
  // "File exists", but "RFS specific error".
  const bool acronym = text.size() > 1 && std::isupper(static_cast<unsigned char>(text[1])) != 0;
  if (!acronym) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  const char* const name = strerrorname_np(code);
  text.append(" (");
  if (name != nullptr) text.append(name).append(", ");
  return text.append("code ").append(std::to_string(code)).append(")");
}

}  // namespace

Status OsError(std::string_view what, int code) {
  const Meaning meaning = MeaningOf(code);
  std::string message(what);
  message.append(": ").append(Describe(code));
  if (!meaning.advice.empty()) message.append("; ").append(meaning.advice);
  return {meaning.status, std::move(message)};
}

Status OsError(std::string_view what, std::string_view path, int code) {
  std::string where(what);
  where.append(" '").append(path).append("'");
  return OsError(where, code);
}

}  // namespace broker
