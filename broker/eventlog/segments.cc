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

namespace {

/// Prefix, so many digits, suffix: whatever they count. Nothing is counted from 0.
bool IsNamedAsSegment(std::string_view name) {
  if (name.size() != kSegmentPrefix.size() + kSegmentDigits + kSegmentSuffix.size()) return false;
  const std::string_view digits = name.substr(kSegmentPrefix.size(), kSegmentDigits);
  return name.starts_with(kSegmentPrefix) && name.ends_with(kSegmentSuffix) &&
         digits.find_first_not_of("0123456789") == std::string_view::npos &&
         digits.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<Seq> ParseSegmentName(std::string_view name) {
  if (!IsNamedAsSegment(name)) return std::nullopt;
  const char* const begin = name.data() + kSegmentPrefix.size();
  Seq first = 0;
  const auto [end, error] = std::from_chars(begin, begin + kSegmentDigits, first);
  if (error != std::errc() || end != begin + kSegmentDigits) return std::nullopt;
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

Result<std::vector<LogDefect>> ListStrays(FileSystem& files, const std::string& directory) {
  const Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  std::vector<LogDefect> strays;
  for (const std::string& name : names.value()) {
    if (!IsNamedAsSegment(name)) continue;
    const Result<bool> is_file = files.IsFile(PathIn(directory, name));
    if (is_file.ok() && !is_file.value()) {
      strays.push_back({name, 0, 0, "it is a link, a folder or a pipe and no regular file"});
    } else if (!ParseSegmentName(name)) {
      strays.push_back({name, 0, 0, "no log counts as its name does"});
    }
  }
  return strays;
}

Status NoLogIn(FileSystem& files, const std::string& directory) {
  const std::string no_log = "there is no event log in '" + directory + "': ";
  const Result<std::vector<LogDefect>> strays = ListStrays(files, directory);
  if (!strays.ok() || strays->empty()) {
    return {StatusCode::kNotFound,
            no_log + "no file there is named '" + SegmentName(1) + "' or alike"};
  }
  return {StatusCode::kInvalid, no_log + "of '" + strays->front().file +
                                    "', and of what else is named so: " + strays->front().what};
}

std::string PathIn(const std::string& directory, std::string_view name) {
  std::string path(directory);
  path.append("/").append(name);
  return path;
}

}  // namespace broker
