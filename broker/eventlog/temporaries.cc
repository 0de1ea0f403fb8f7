#include <string_view>

#include "eventlog/file_system.h"
#include "eventlog/segments.h"

namespace broker {
namespace {

/// ".NAME.PROCESS-COUNT.new": as platform/*/file_system.cc names them.
bool IsTemporaryName(std::string_view name) {
  constexpr std::string_view kSuffix = ".new";
  if (!name.starts_with('.') || !name.ends_with(kSuffix)) return false;
  name.remove_suffix(kSuffix.size());
  const std::string_view maker = name.substr(name.rfind('.') + 1);
  return maker.find('-') != std::string_view::npos &&
         maker.find_first_not_of("0123456789-") == std::string_view::npos;
}

}  // namespace

void RemoveTemporaries(FileSystem& files, const std::string& directory) {
  const Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return;
  for (const std::string& name : names.value()) {
    if (!IsTemporaryName(name)) continue;
    const Status ignored = files.Remove(PathIn(directory, name));
    static_cast<void>(ignored);
  }
}

}  // namespace broker
