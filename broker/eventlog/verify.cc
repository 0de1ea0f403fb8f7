#include "eventlog/verify.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "event/utc.h"
#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/holes.h"
#include "eventlog/line.h"
#include "eventlog/reservation.h"
#include "eventlog/segment_index.h"
#include "eventlog/segment_reader.h"
#include "eventlog/segments.h"

namespace broker {
namespace {

// How long a line may take to be written.
constexpr int kUnfinishedLooks = 20;
constexpr std::chrono::milliseconds kUnfinishedWait{10};

/// What a segment's index should say, from its lines. Times are as they stand there: in order of
/// time they are in order of text.
class IndexCheck {
 public:
  void Add(Seq seq, std::string_view time) {
    if (events_++ == 0) min_time_ = max_time_ = time;
    if (time < min_time_) min_time_ = time;
    if (time > max_time_) max_time_ = time;
    last_seq_ = seq;
  }

  [[nodiscard]] bool Agrees(const SegmentIndex& index) const {
    if (index.events != events_ || index.last_seq != last_seq_) return false;
    return events_ == 0 ||
           (FormatUtc(index.min_time_us) == min_time_ && FormatUtc(index.max_time_us) == max_time_);
  }

 private:
  uint64_t events_ = 0;
  Seq last_seq_ = 0;
  std::string min_time_;
  std::string max_time_;
};

/// Whose log a segment says it is of.
struct Belonging {
  Segment segment;
  std::string log_id;
};

/// What is known of a log up to some segment. A value: a segment can be looked at again.
struct Findings {
  LogVerification result;
  std::vector<Belonging> belongings;
  Seq begin = 0;         // Of what is before, nothing can be said.
  Seq due = 0;           // 0 = unknown: the log begins where retention left it.
  uint64_t damaged = 0;  // Lines that could not be read since the last event: one hole each.
  Holes holes;
};

/// Checks one segment and adds what it finds to `findings`.
class SegmentCheck {
 public:
  SegmentCheck(FileSystem& files, const std::string& directory, const OnDefect& on_defect,
               Findings& findings)
      : files_(files), directory_(directory), on_defect_(on_defect), findings_(findings) {}

  /// `end` is the first seq of the segment behind, 0 for the last one.
  Status Run(const Segment& segment, Seq end);

 private:
  Status CheckLines(SegmentReader& reader);
  void CheckEvent(SegmentReader& reader);
  void CheckDecoded(SegmentReader& reader);
  void Count(const SegmentReader& reader, std::string_view time);
  void TakeGap(const SegmentReader& reader, const Event& event);
  void NoteHeader(const SegmentReader& reader);
  void CheckIndex(const SegmentReader& reader);
  void Report(const LogDefect& defect);

  FileSystem& files_;
  const std::string& directory_;
  const OnDefect& on_defect_;
  Findings& findings_;
  IndexCheck index_;
  uint64_t defects_ = 0;  // In this segment.
};

Status SegmentCheck::Run(const Segment& segment, Seq end) {
  const auto opened =
      SegmentReader::Open(files_, directory_, segment, [this](const LogDefect& defect) {
        if (defect.line > 1) ++findings_.damaged;
        Report(defect);
      });
  if (opened.status().code() == StatusCode::kNotFound) {
    findings_.due = 0;  // Retention took it in the meantime.
    return {};
  }
  if (!opened.ok()) return opened.status();
  SegmentReader& reader = *opened.value();
  reader.EndBefore(end);
  if (findings_.due == 0) findings_.begin = findings_.due = segment.first;
  ++findings_.result.segments;
  Status read = CheckLines(reader);
  if (!read.ok()) return read;
  NoteHeader(reader);
  // What half a line cost shows in the numbers, where others follow.
  if (!reader.HasEnd() || reader.Scanner().Number() == 0) reader.ReportUnfinished();
  CheckIndex(reader);
  return {};
}

Status SegmentCheck::CheckLines(SegmentReader& reader) {
  for (int looks = 0;;) {
    const Result<SegmentReader::Next> next = reader.Read();
    if (!next.ok()) return next.status();
    if (next.value() == SegmentReader::Next::kEvent) {
      CheckEvent(reader);
    } else {
      const bool finished = reader.Scanner().UnfinishedBytes() == 0;
      if (finished || reader.HasEnd() || ++looks > kUnfinishedLooks) return {};
      std::this_thread::sleep_for(kUnfinishedWait);
    }
  }
}

void SegmentCheck::CheckEvent(SegmentReader& reader) {
  const std::optional<LineHead> head = PeekHead(reader.Line());
  if (!head || head->type == Name(EventType::kLogGap)) return CheckDecoded(reader);
  Count(reader, head->time);
}

void SegmentCheck::CheckDecoded(SegmentReader& reader) {
  const Result<Event> event = DecodeEvent(reader.Line());
  if (!event.ok()) {
    reader.ReportLine(event.status().message());
    return;
  }
  Count(reader, FormatUtc(event->time.realtime_us));
  if (event->type == EventType::kLogGap) TakeGap(reader, event.value());
}

void SegmentCheck::Count(const SegmentReader& reader, std::string_view time) {
  const Seq seq = reader.LineSeq();
  if (seq > findings_.due) {
    findings_.holes.Add({findings_.due, seq - 1}, findings_.damaged,
                        {reader.File().name, reader.Scanner().Number(), findings_.due, {}});
  }
  LogVerification& result = findings_.result;
  if (result.events++ == 0) result.first = seq;
  result.last = seq;
  findings_.due = seq + 1;
  findings_.damaged = 0;
  index_.Add(seq, time);
}

void SegmentCheck::TakeGap(const SegmentReader& reader, const Event& event) {
  LogDefect defect{reader.File().name, reader.Scanner().Number(), event.seq, {}};
  const std::optional<SeqRange> range = RangeOf(event);
  if (!range) {
    defect.what = "the log.gap does not say which events are missing";
    Report(defect);
  } else if (range->to < findings_.begin) {
    return;
  } else if (findings_.holes.Record({std::max(range->from, findings_.begin), range->to})) {
    ++findings_.result.recorded_gaps;
  } else {
    defect.what = "the log.gap says that " + Missing(*range) + ", which is not so";
    Report(defect);
  }
}

void SegmentCheck::NoteHeader(const SegmentReader& reader) {
  const SegmentHeader* header = reader.Header();
  if (header != nullptr) findings_.belongings.push_back({reader.File(), header->log_id});
}

/// An index is made when its segment is closed, so that of the last one may be an old one.
void SegmentCheck::CheckIndex(const SegmentReader& reader) {
  if (defects_ != 0) return;
  const Segment& segment = reader.File();
  LogDefect defect{IndexName(segment.first), 1, 0, {}};
  const Result<SegmentIndex> index = LoadIndex(files_, directory_, segment);
  const uint64_t bytes = reader.Scanner().Offset() + reader.Scanner().UnfinishedBytes();
  if (index.status().code() == StatusCode::kNotFound) return;
  if (!index.ok()) {
    defect.what = "the index cannot be read: " + index.status().message();
  } else if (index->bytes != bytes) {
    if (!reader.HasEnd()) return;
    defect.what = "the index was made for a file of " + std::to_string(index->bytes) +
                  " bytes; it has " + std::to_string(bytes);
  } else if (!index_.Agrees(index.value())) {
    defect.what = "the index does not agree with its segment";
  } else {
    return;
  }
  Report(defect);
}

void SegmentCheck::Report(const LogDefect& defect) {
  ++findings_.result.defects;
  ++defects_;
  if (on_defect_) on_defect_(defect);
}

/// Goes through all segments, and through those that are made meanwhile.
class Verifier {
 public:
  Verifier(FileSystem& files, const std::string& directory, const OnDefect& on_defect)
      : files_(files), directory_(directory), on_defect_(on_defect) {}

  Result<LogVerification> Run();

 private:
  Result<std::vector<Segment>> SegmentsBehind(Seq first);
  Status Check(const Segment& segment, Seq end, const OnDefect& on_defect, Findings& findings);
  Result<std::vector<Segment>> CheckLast(const Segment& segment);
  [[nodiscard]] std::string LogOfMost() const;
  void ReportForeign();
  void ReportHighNames(const std::vector<Segment>& segments);
  void ReportHoles();
  Status ReportStrays();
  void CheckReserved();
  void Report(const LogDefect& defect);

  FileSystem& files_;
  const std::string& directory_;
  const OnDefect& on_defect_;
  Findings findings_;
};

Result<LogVerification> Verifier::Run() {
  Result<std::vector<Segment>> segments = SegmentsBehind(0);
  if (segments.ok() && segments->empty()) {
    return NoLogIn(files_, directory_);
  }
  if (segments.ok()) ReportHighNames(segments.value());
  while (segments.ok() && !segments->empty()) {
    for (size_t i = 0; i + 1 < segments->size(); ++i) {
      const Seq end = segments.value()[i + 1].first;
      Status checked = Check(segments.value()[i], end, on_defect_, findings_);
      if (!checked.ok()) return checked;
    }
    segments = CheckLast(segments->back());
  }
  if (!segments.ok()) return segments.status();
  ReportForeign();
  ReportHoles();
  CheckReserved();
  Status strays = ReportStrays();
  if (!strays.ok()) return strays;
  return findings_.result;
}

Result<std::vector<Segment>> Verifier::SegmentsBehind(Seq first) {
  Result<std::vector<Segment>> segments = ListSegments(files_, directory_);
  if (!segments.ok()) return segments;
  std::erase_if(segments.value(),
                [first](const Segment& segment) { return segment.first <= first; });
  return segments;
}

/// A segment that a bad disk keeps to itself is a defect, and those behind it are looked at all the
/// same, the next one's beginning being no hole. Else it is who asks who lacks something.
Status Verifier::Check(const Segment& segment, Seq end, const OnDefect& on_defect,
                       Findings& findings) {
  Status read = SegmentCheck(files_, directory_, on_defect, findings).Run(segment, end);
  if (read.code() != StatusCode::kIo) return read;
  if (findings.due != 0) findings.due = end;
  ++findings.result.defects;
  const std::string what = "it cannot be read: " + read.message();
  if (on_defect) on_defect({segment.name, 1, segment.first, what});
  return {};
}

/// The segments made meanwhile. While the last segment is read, it may grow, and a newer one may be
/// made, before whose first number it ends. So it is read in silence first, and once more when that
/// was not all of it. Without a newer one the log is taken as of then: a second look could find
/// one, and what was written between would be missed.
Result<std::vector<Segment>> Verifier::CheckLast(const Segment& segment) {
  Findings trial = findings_;
  Status checked = Check(segment, 0, {}, trial);
  if (!checked.ok()) return checked;
  Result<std::vector<Segment>> newer = SegmentsBehind(segment.first);
  if (!newer.ok()) return newer;
  const bool sound = trial.result.defects == findings_.result.defects;
  if (sound && newer->empty()) {
    findings_ = std::move(trial);
    return newer;
  }
  checked = Check(segment, newer->empty() ? 0 : newer->front().first, on_defect_, findings_);
  if (!checked.ok()) return checked;
  return newer;
}

/// The log that most segments are of; of two with as many, that of the oldest one.
std::string Verifier::LogOfMost() const {
  std::map<std::string, uint64_t> counts;
  for (const Belonging& belonging : findings_.belongings) ++counts[belonging.log_id];
  const auto fewer = [&counts](const Belonging& left, const Belonging& right) {
    return counts.at(left.log_id) < counts.at(right.log_id);
  };
  const auto most =
      std::max_element(findings_.belongings.begin(), findings_.belongings.end(), fewer);
  return most == findings_.belongings.end() ? std::string() : most->log_id;
}

void Verifier::ReportForeign() {
  const std::string log_id = LogOfMost();
  for (const Belonging& belonging : findings_.belongings) {
    if (belonging.log_id == log_id) continue;
    const Segment& segment = belonging.segment;
    Report({segment.name, 1, segment.first, "the segment belongs to another log"});
  }
}

void Verifier::ReportHighNames(const std::vector<Segment>& segments) {
  for (const Segment& segment : segments) {
    if (segment.first <= kMaxFirstSeq) continue;
    Report({segment.name, 1, 0, "its name counts further than any log; move it away"});
  }
}

void Verifier::ReportHoles() {
  for (const LogDefect& hole : findings_.holes.Unrecorded()) Report(hole);
}

Status Verifier::ReportStrays() {
  const Result<std::vector<LogDefect>> strays = ListStrays(files_, directory_);
  if (!strays.ok()) return strays.status();
  for (const LogDefect& stray : strays.value()) Report(stray);
  return {};
}

/// Numbers are reserved before they are given: what is reserved now is beyond all that was read.
/// Without the file the next start leaves out more than were ever reserved.
void Verifier::CheckReserved() {
  const Reservation reservation(files_, directory_);
  Result<Seq> reserved = reservation.Read();
  // It may be read while it is being written over.
  const auto damaged = [&] { return reserved.status().code() == StatusCode::kCorrupt; };
  for (int looks = 0; damaged() && looks < kUnfinishedLooks; ++looks) {
    std::this_thread::sleep_for(kUnfinishedWait);
    reserved = reservation.Read();
  }
  const Seq last = findings_.result.last;
  const bool believable =
      reserved.ok() && Reservation::IsBelievable(reserved.value(), findings_.due);
  if (believable && reserved.value() > last) return;
  LogDefect defect{std::string(kReservationName), 1, last + 1, {}};
  if (reserved.ok() && !believable) {
    defect.what = "numbers up to " + std::to_string(reserved.value() - 1) +
                  " are said to be reserved, which no log does that counts to " +
                  std::to_string(last);
  } else if (reserved.ok()) {
    defect.what = "numbers from " + std::to_string(reserved.value()) +
                  " on are said to be free, but the log counts to " + std::to_string(last);
  } else {
    defect.what = "which numbers are reserved cannot be told: " + reserved.status().message();
  }
  Report(defect);
}

void Verifier::Report(const LogDefect& defect) {
  ++findings_.result.defects;
  if (on_defect_) on_defect_(defect);
}

}  // namespace

Result<LogVerification> VerifyLog(FileSystem& files, const std::string& directory,
                                  const OnDefect& on_defect) {
  return Verifier(files, directory, on_defect).Run();
}

}  // namespace broker
