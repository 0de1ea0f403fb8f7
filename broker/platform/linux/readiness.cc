#include "platform/linux/readiness.h"

#include <sys/stat.h>

namespace broker {
namespace {

bool IsOfKind(const std::string& path, mode_t kind) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == kind;
}

bool HasWayland(const Environment& environment, const std::string& runtime) {
  const std::string name(ValueIn(environment, "WAYLAND_DISPLAY"));
  if (name.empty()) return false;
  return IsOfKind(name.front() == '/' ? name : runtime + "/" + name, S_IFSOCK);
}

/// One on another machine, "host:0", is not looked at. Source: X(7), "Display names".
bool HasX(const Environment& environment) {
  const std::string_view name = ValueIn(environment, "DISPLAY");
  const size_t colon = name.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view host = name.substr(0, colon);
  if (!host.empty() && host != "unix") return true;
  const std::string_view number = name.substr(colon + 1, name.find('.', colon) - colon - 1);
  return IsOfKind("/tmp/.X11-unix/X" + std::string(number), S_IFSOCK);
}

}  // namespace

std::string_view MissingOf(const Readiness& wanted, const Environment& environment,
                           const std::string& runtime, const std::string& home) {
  if (wanted.runtime_directory && !IsOfKind(runtime, S_IFDIR)) return "runtime directory";
  if (wanted.user_bus && !IsOfKind(runtime + "/bus", S_IFSOCK)) return "user bus";
  if (wanted.profile && !IsOfKind(home, S_IFDIR)) return "profile";
  if (wanted.display && !HasWayland(environment, runtime) && !HasX(environment)) return "display";
  return {};
}

}  // namespace broker
