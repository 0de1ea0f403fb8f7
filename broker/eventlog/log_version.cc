#include "eventlog/log_version.h"

#include <vector>

#include "eventlog/segment_reader.h"
#include "eventlog/segments.h"

namespace broker {

Status CheckLogVersion(FileSystem& files, const std::string& directory) {
  const Result<std::vector<Segment>> segments = ListSegments(files, directory);
  if (segments.status().code() == StatusCode::kNotFound) return {};
  if (!segments.ok()) return segments.status();
  const std::vector<Segment> newest_first(segments->rbegin(), segments->rend());
  for (const Segment& segment : newest_first) {
    const auto reader = SegmentReader::Open(files, directory, segment, {});
    if (!reader.ok()) return reader.status();
    Status read = reader.value()->Read().status();
    if (!read.ok() || reader.value()->Header() != nullptr) return read;
  }
  return {};
}

}  // namespace broker
