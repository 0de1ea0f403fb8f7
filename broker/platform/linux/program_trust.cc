#include "action/program_trust.h"

#include <sys/stat.h>

#include <cerrno>

#include "platform/linux/os_error.h"
#include "platform/linux/trusted_path.h"

namespace broker {
namespace {

constexpr mode_t kExecutable = S_IXUSR | S_IXGRP | S_IXOTH;

}  // namespace

Status CheckProgram(const std::string& path) {
  const Result<UniqueFd> file = OpenTrustedProgram(path);
  if (!file.ok()) return file.status();
  struct stat info = {};
  if (::fstat(file->get(), &info) != 0) return OsError("cannot look at", path, errno);
  if ((info.st_mode & kExecutable) != 0) return {};
  return {StatusCode::kInvalid, "'" + path + "' cannot be executed; run chmod +x on it"};
}

}  // namespace broker
