#include "eventlog/log_version.h"

#include "eventlog/segment_reader.h"
#include "eventlog/segments.h"

namespace broker {

Status CheckLogVersion(FileSystem& files, const std::string& directory) {
  const Result<std::vector<Segment>> segments = ListSegments(files, directory);
  if (segments.status().code() == StatusCode::kNotFound) return {};
  if (!segments.ok()) return segments.status();
  for (auto segment = segments->rbegin(); segment != segments->rend(); ++segment) {
    const auto reader = SegmentReader::Open(files, directory, *segment, {});
    if (!reader.ok()) return reader.status();
    const Status read = reader.value()->Read().status();
    if (!read.ok() || reader.value()->Header() != nullptr) return read;
  }
  return {};
}

}  // namespace broker
