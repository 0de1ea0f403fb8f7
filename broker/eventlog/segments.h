#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "event/status.h"
#include "eventlog/defect.h"
#include "eventlog/file_system.h"

namespace broker {

/// One file of the log, by its name: "events-00000000000000000042.jsonl".
struct Segment {
  Seq first = 0;  ///< The first seq that may stand in it.
  std::string name;
};

[[nodiscard]] std::string SegmentName(Seq first);

/// The number in a segment's name; nullopt for any other file's name.
[[nodiscard]] std::optional<Seq> ParseSegmentName(std::string_view name);

/// The log's segments, oldest first. Other files in the directory are none of its business, nor is
/// what is no file.
Result<std::vector<Segment>> ListSegments(FileSystem& files, const std::string& directory);

/// What has a segment's name and is passed over: folders, links, pipes, and numbers that are none.
Result<std::vector<LogDefect>> ListStrays(FileSystem& files, const std::string& directory);

/// Why there is no segment in this directory: kNotFound where nothing has such a name.
[[nodiscard]] Status NoLogIn(FileSystem& files, const std::string& directory);

/// "directory/name".
[[nodiscard]] std::string PathIn(const std::string& directory, std::string_view name);

}  // namespace broker
