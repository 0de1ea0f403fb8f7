#include "eventlog/verify.h"

#include <memory>
#include <utility>

#include "eventlog/codec.h"
#include "eventlog/segment_reader.h"
#include "eventlog/segments.h"

namespace broker {
namespace {

/// Whether `event` says that the numbers `from` to `to` were given up.
bool Records(const Event& event, Seq from, Seq to) {
  if (event.type != EventType::kLogGap) return false;
  const std::string* first = event.Detail("from");
  const std::string* last = event.Detail("to");
  return first != nullptr && last != nullptr && *first == std::to_string(from) &&
         *last == std::to_string(to);
}

std::string Missing(Seq from, Seq to) {
  if (from == to) return "event " + std::to_string(from) + " is missing";
  return "events " + std::to_string(from) + " to " + std::to_string(to) + " are missing";
}

class Verifier {
 public:
  Verifier(FileSystem& files, const std::string& directory, const OnDefect& on_defect)
      : files_(files), directory_(directory), on_defect_(on_defect) {}

  Result<LogVerification> Run();

 private:
  Status Check(const Segment& segment, Seq end);
  Status CheckLines(SegmentReader& reader);
  void CheckEvent(SegmentReader& reader);
  void CheckHeader(const SegmentReader& reader);
  void CheckHole(const SegmentReader& reader, const Event& event);
  void Report(const LogDefect& defect);

  FileSystem& files_;
  const std::string& directory_;
  const OnDefect& on_defect_;
  LogVerification result_;
  std::string log_id_;
  Seq due_ = 0;           // 0 = unknown: the log begins where retention left it.
  uint64_t damaged_ = 0;  // Lines that could not be read since the last event: one hole each.
};

Result<LogVerification> Verifier::Run() {
  const Result<std::vector<Segment>> segments = ListSegments(files_, directory_);
  if (!segments.ok()) return segments.status();
  if (segments->empty()) {
    return Status(StatusCode::kNotFound, "there is no event log in '" + directory_ + "'");
  }
  for (size_t i = 0; i < segments->size(); ++i) {
    const bool last = i + 1 == segments->size();
    Status checked = Check(segments.value()[i], last ? 0 : segments.value()[i + 1].first);
    if (!checked.ok()) return checked;
  }
  return result_;
}

Status Verifier::Check(const Segment& segment, Seq end) {
  const auto opened = SegmentReader::Open(files_, directory_, segment,
                                          [this](const LogDefect& defect) { Report(defect); });
  if (opened.status().code() == StatusCode::kNotFound) {
    due_ = 0;  // Retention took it in the meantime.
    return {};
  }
  if (!opened.ok()) return opened.status();
  SegmentReader& reader = *opened.value();
  reader.EndBefore(end);
  if (due_ == 0) due_ = segment.first;
  ++result_.segments;
  Status read = CheckLines(reader);
  if (!read.ok()) return read;
  CheckHeader(reader);
  reader.ReportUnfinished();
  return {};
}

Status Verifier::CheckLines(SegmentReader& reader) {
  while (true) {
    const Result<SegmentReader::Next> next = reader.Read();
    if (!next.ok()) return next.status();
    if (next.value() == SegmentReader::Next::kEnd) return {};
    CheckEvent(reader);
  }
}

void Verifier::CheckEvent(SegmentReader& reader) {
  const Result<Event> event = DecodeEvent(reader.Line());
  if (!event.ok()) {
    reader.ReportLine(event.status().message());
    return;
  }
  CheckHole(reader, event.value());
  if (result_.events++ == 0) result_.first = event->seq;
  result_.last = event->seq;
  due_ = event->seq + 1;
  damaged_ = 0;
}

void Verifier::CheckHole(const SegmentReader& reader, const Event& event) {
  if (event.seq == due_) return;
  if (Records(event, due_, event.seq - 1)) {
    ++result_.recorded_gaps;
    return;
  }
  if (event.seq <= due_ + damaged_) return;
  Report({reader.File().name, reader.Scanner().Number(), due_, Missing(due_, event.seq - 1)});
}

void Verifier::CheckHeader(const SegmentReader& reader) {
  const SegmentHeader* header = reader.Header();
  if (header == nullptr) return;
  if (log_id_.empty()) log_id_ = header->log_id;
  if (header->log_id == log_id_) return;
  Report({reader.File().name, 1, reader.File().first, "the segment belongs to another log"});
}

void Verifier::Report(const LogDefect& defect) {
  ++result_.defects;
  if (defect.line > 1) ++damaged_;
  if (on_defect_) on_defect_(defect);
}

}  // namespace

Result<LogVerification> VerifyLog(FileSystem& files, const std::string& directory,
                                  const OnDefect& on_defect) {
  return Verifier(files, directory, on_defect).Run();
}

}  // namespace broker
