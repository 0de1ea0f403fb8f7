#include "eventlog/segments.h"

#include <charconv>

#include "eventlog/format.h"

namespace broker {

std::string SegmentName(Seq first) {
  const std::string number = std::to_string(first);
  std::string name(kSegmentPrefix);
  name.append(kSegmentDigits - number.size(), '0').append(number).append(kSegmentSuffix);
  return name;
}

std::optional<Seq> ParseSegmentName(std::string_view name) {
  if (name.size() != kSegmentPrefix.size() + kSegmentDigits + kSegmentSuffix.size() ||
      !name.starts_with(kSegmentPrefix) || !name.ends_with(kSegmentSuffix)) {
    return std::nullopt;
  }
  const char* const begin = name.data() + kSegmentPrefix.size();
  Seq first = 0;
  const auto [end, error] = std::from_chars(begin, begin + kSegmentDigits, first);
  if (error != std::errc() || end != begin + kSegmentDigits || first == 0) return std::nullopt;
  return first;
}

// The names have a fixed width: sorted by name they are sorted by number. What cannot be examined
// is told to whoever opens it.
Result<std::vector<Segment>> ListSegments(FileSystem& files, const std::string& directory) {
  Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  std::vector<Segment> segments;
  for (std::string& name : names.value()) {
    const std::optional<Seq> first = ParseSegmentName(name);
    if (!first) continue;
    const Result<bool> is_file = files.IsFile(PathIn(directory, name));
    if (!is_file.ok() || is_file.value()) segments.push_back({*first, std::move(name)});
  }
  return segments;
}

Result<std::vector<std::string>> ListStrays(FileSystem& files, const std::string& directory) {
  Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names;
  std::erase_if(names.value(), [&](const std::string& name) {
    if (!ParseSegmentName(name)) return true;
    const Result<bool> is_file = files.IsFile(PathIn(directory, name));
    return !is_file.ok() || is_file.value();
  });
  return names;
}

std::string PathIn(const std::string& directory, std::string_view name) {
  std::string path(directory);
  path.append("/").append(name);
  return path;
}

}  // namespace broker
