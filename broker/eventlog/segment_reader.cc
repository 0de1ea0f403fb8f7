#include "eventlog/segment_reader.h"

#include <utility>

#include "eventlog/format.h"
#include "eventlog/line.h"

namespace broker {
namespace {

std::string LongerThan(size_t bytes) {
  return "the line is longer than " + std::to_string(bytes) + " bytes";
}

}  // namespace

Result<std::unique_ptr<SegmentReader>> SegmentReader::Open(FileSystem& files,
                                                           const std::string& directory,
                                                           const Segment& segment,
                                                           OnDefect on_defect) {
  std::string path = PathIn(directory, segment.name);
  Result<std::unique_ptr<ReadFile>> file = files.OpenRead(path);
  if (!file.ok()) return file.status();
  return std::unique_ptr<SegmentReader>(
      new SegmentReader(segment, std::move(path), std::move(file).value(), std::move(on_defect)));
}

SegmentReader::SegmentReader(Segment segment, std::string path, std::unique_ptr<ReadFile> file,
                             OnDefect on_defect)
    : segment_(std::move(segment)),
      path_(std::move(path)),
      file_(std::move(file)),
      on_defect_(std::move(on_defect)),
      scanner_(*file_),
      due_(segment_.first) {}

Result<SegmentReader::Next> SegmentReader::Read() {
  while (true) {
    const bool first = scanner_.Number() == 0;
    const size_t limit = first ? kMaxHeaderBytes : kMaxLineBytes;
    const Result<LineScanner::Next> next = scanner_.Read(limit);
    if (!next.ok()) return next.status();
    if (next.value() == LineScanner::Next::kEnd) return Next::kEnd;
    if (next.value() == LineScanner::Next::kTooLong) {
      ReportDamaged(LongerThan(limit));
      continue;
    }
    if (first) {
      Status header = TakeHeader();
      if (!header.ok()) return header;
      if (header_ || !PeekSeq(Line())) continue;
    }
    if (unwanted_ && IsUnwanted()) continue;
    if (TakeEvent()) return Next::kEvent;
  }
}

Status SegmentReader::TakeHeader() {
  Result<SegmentHeader> header = DecodeHeader(Line());
  if (!header.ok()) {
    if (header.status().code() == StatusCode::kInvalid) {
      return header.status().Annotate("cannot read '" + path_ + "'");
    }
    Report(1, "the header cannot be read: " + header.status().message());
    return {};
  }
  header_ = std::move(header).value();
  if (header_->first_seq != segment_.first) {
    Report(1, "the header was made for '" + SegmentName(header_->first_seq) + "'");
  }
  return {};
}

bool SegmentReader::IsUnwanted() {
  const std::optional<LineHead> head = PeekHead(Line());
  if (!head || head->seq > kMaxSeq || !unwanted_(*head)) return false;
  NotePassedOver(*head);
  return true;
}

/// Only what is told of other lines depends on the number of one that is passed over. That is
/// believed unchecked where it is the one that is due.
void SegmentReader::NotePassedOver(const LineHead& head) {
  if (end_ != 0 && head.seq >= end_) {
    behind_end_ = true;
    return;
  }
  if (missing_ != nullptr && head.seq > due_ && !HasValidSum(Line())) {
    missing_->TakeDamaged(due_);
    return;
  }
  if (head.seq >= due_) due_ = head.seq + 1;
  if (missing_ != nullptr) missing_->Take(head.seq, Line());
}

bool SegmentReader::TakeEvent() {
  if (!HasValidSum(Line())) {
    ReportDamaged("the checksum does not match");
    return false;
  }
  const std::optional<Seq> seq = PeekSeq(Line());
  if (!seq) {
    ReportDamaged("the line does not begin with a seq");
    return false;
  }
  if (*seq > kMaxSeq) {
    ReportDamaged("seq " + std::to_string(*seq) + " is higher than any log counts");
    return false;
  }
  if (end_ != 0 && *seq >= end_) {
    behind_end_ = true;
    return false;
  }
  if (*seq <= seq_ || *seq < segment_.first) {
    Report(scanner_.Number(), "seq " + std::to_string(*seq) + " comes out of its order");
    return false;
  }
  seq_ = *seq;
  due_ = seq_ + 1;
  if (missing_ != nullptr) missing_->Take(seq_, Line());
  return true;
}

void SegmentReader::ReportLine(const std::string& what) {
  if (on_defect_) on_defect_({segment_.name, scanner_.Number(), seq_, what});
}

void SegmentReader::ReportUnfinished() {
  if (scanner_.UnfinishedBytes() == 0) return;
  Report(scanner_.Number() + 1, "the line is cut off");
}

void SegmentReader::ReportDamaged(std::string what) {
  Report(scanner_.Number(), std::move(what));
  if (scanner_.Number() == 1 || IsBehindEnd()) return;
  if (missing_ != nullptr) missing_->TakeDamaged(due_);
  damaged_line_ = scanner_.Number();
  ++due_;
}

void SegmentReader::Report(uint64_t line, std::string what) {
  if (IsBehindEnd() || !on_defect_) return;
  on_defect_({segment_.name, line, due_, std::move(what)});
}

}  // namespace broker
