#include "action/program_trust.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "platform/linux/os_error.h"
#include "platform/linux/script_line.h"
#include "platform/linux/trusted_path.h"

namespace broker {
namespace {

constexpr mode_t kExecutable = S_IXUSR | S_IXGRP | S_IXOTH;
// So many interpreters, one of the other, the kernel follows; no more are looked at.
constexpr int kMostInterpreters = 5;

Status CannotRead(const std::string& path) {
  return OsError("cannot read", path, errno);
}

/// What the kernel looks at; empty: this user may not read it, and it may be no script.
Result<std::string> HeadOf(const UniqueFd& program, const std::string& path) {
  // It is known to be a regular file: whatever has taken its place meanwhile is not opened.
  const std::string opened = "/proc/self/fd/" + std::to_string(program.get());
  const UniqueFd file(::open(opened.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && (errno == EACCES || errno == EPERM)) return std::string();
  if (!file) return CannotRead(path);
  std::array<char, kScriptLineBytes> head{};
  const ssize_t size = ::pread(file.get(), head.data(), head.size(), 0);
  if (size < 0) return CannotRead(path);
  return std::string(head.data(), static_cast<size_t>(size));
}

/// Whether the file itself may be run; its interpreter, empty if it has none.
Result<std::string> CheckFile(const std::string& path) {
  const Result<UniqueFd> file = OpenTrustedProgram(path);
  if (!file.ok()) return file.status();
  struct stat info = {};
  if (::fstat(file.value().get(), &info) != 0) return OsError("cannot look at", path, errno);
  if ((info.st_mode & kExecutable) == 0) {
    return Status(StatusCode::kInvalid, "'" + path + "' cannot be executed; run chmod +x on it");
  }
  const Result<std::string> head = HeadOf(file.value(), path);
  if (!head.ok()) return head.status();
  const auto interpreter = InterpreterOf(head.value());
  if (!interpreter) return std::string();
  if (interpreter->starts_with('/')) return *interpreter;
  return Status(StatusCode::kPermission,
                "'" + path + "' is not trusted: it asks for the interpreter '" + *interpreter +
                    "', which is no absolute path; write its whole path behind the #!");
}

/// The kernel takes a carriage return for a part of the name.
std::string_view WhatToDo(const std::string& interpreter) {
  return interpreter.ends_with('\r') ? "; save the script with the line ends of Unix"
                                     : "; install it, or correct the script's first line";
}

Status OfInterpreter(const Status& why, const std::string& script, const std::string& interpreter) {
  const std::string asks = "'" + script + "' asks for the interpreter '" + interpreter + "'";
  if (why.code() != StatusCode::kNotFound) return why.Annotate(asks);
  return {StatusCode::kCorrupt, asks + ", which is not there" + std::string(WhatToDo(interpreter))};
}

}  // namespace

Status CheckProgram(const std::string& path) {
  Result<std::string> interpreter = CheckFile(path);
  if (!interpreter.ok()) return interpreter.status();
  std::string script = path;
  for (int followed = 0; !interpreter.value().empty(); ++followed) {
    if (followed == kMostInterpreters) {
      return {StatusCode::kInvalid, "'" + path +
                                        "' is a script of a script, and so on, more often than "
                                        "is followed; name a program as its interpreter"};
    }
    const std::string current = interpreter.value();
    interpreter = CheckFile(current);
    if (!interpreter.ok()) return OfInterpreter(interpreter.status(), script, current);
    script = current;
  }
  return {};
}

}  // namespace broker
