#include "eventlog/reader.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "eventlog/codec.h"
#include "eventlog/missing_numbers.h"
#include "eventlog/segment_index.h"
#include "eventlog/segment_reader.h"
#include "eventlog/segments.h"

namespace broker {
namespace {

// How often a segment may vanish between being listed and being opened.
constexpr int kMaxRaces = 16;

/// Which segment `seq` stands in; the first one for an earlier seq.
size_t IndexOf(const std::vector<Segment>& segments, Seq seq) {
  const auto behind =
      std::upper_bound(segments.begin(), segments.end(), seq,
                       [](Seq wanted, const Segment& segment) { return wanted < segment.first; });
  return static_cast<size_t>(std::max<ptrdiff_t>(behind - segments.begin() - 1, 0));
}

}  // namespace

class LogReader::Impl {
 public:
  Impl(FileSystem& files, std::string directory, OnDefect on_defect)
      : files_(files), directory_(std::move(directory)), on_defect_(std::move(on_defect)) {}

  void Select(LogSelection selection);
  void EndAt(Seq last) { end_at_ = last; }
  void GiveUpWhen(std::function<bool()> wanted) { give_up_ = std::move(wanted); }
  void TellOfMissing(std::function<void(const SeqRange&)> on_missing) {
    on_missing_ = std::move(on_missing);
  }
  Status Seek(Seq seq);
  Status SeekLast(uint64_t count);
  Result<Next> Read(StoredEvent& out);
  [[nodiscard]] Seq Position() const { return next_seq_; }

 private:
  Result<std::vector<Segment>> List();
  Status OpenSegmentOf(Seq seq);
  Status Open(const std::vector<Segment>& segments, size_t index);
  Result<std::unique_ptr<SegmentReader>> OpenReader(const std::vector<Segment>& segments,
                                                    size_t index, OnDefect on_defect);
  Result<std::vector<Seq>> SeqsIn(const std::vector<Segment>& segments, size_t index, bool all);
  [[nodiscard]] bool IsWanted(const SegmentReader& segment) const;
  [[nodiscard]] bool MayBeWanted(const Segment& segment) const;
  Result<SegmentReader::Next> NextLine();
  Result<Seq> SeqOfLast(uint64_t count);
  Result<bool> Advance();
  [[nodiscard]] std::vector<Segment>::const_iterator NextOf(const std::vector<Segment>& segments,
                                                            bool still_named) const;
  [[nodiscard]] bool IsAnotherLog();
  [[nodiscard]] bool Take(StoredEvent& out);
  void Tell(const LogDefect& defect);
  void TellMissing();
  void TellStrays();

  FileSystem& files_;
  const std::string directory_;
  const OnDefect on_defect_;
  LogSelector selector_;
  Seq end_at_ = std::numeric_limits<Seq>::max();
  std::function<bool()> give_up_;
  std::function<void(const SeqRange&)> on_missing_;
  MissingNumbers missing_;
  bool begun_ = false;  // missing_ knows where.
  bool told_strays_ = false;
  std::unique_ptr<SegmentReader> current_;
  bool waits_ = false;  // The current line is behind end_at_.
  std::string log_id_;  // Of the last segment that had one.
  // Since the last look at that, another file has taken the place of the one that was read.
  bool replaced_ = false;
  Seq next_seq_ = 0;  // Events before this one are passed over.
};

void LogReader::Impl::Select(LogSelection selection) {
  selector_ = LogSelector(std::move(selection));
  missing_.CountIf([this](const LineHead& head) { return selector_.InTime(head); });
}

Result<std::vector<Segment>> LogReader::Impl::List() {
  Result<std::vector<Segment>> segments = ListSegments(files_, directory_);
  if (segments.ok() && segments->empty()) return NoLogIn(files_, directory_);
  return segments;
}

Result<std::unique_ptr<SegmentReader>> LogReader::Impl::OpenReader(
    const std::vector<Segment>& segments, size_t index, OnDefect on_defect) {
  auto opened = SegmentReader::Open(files_, directory_, segments[index], std::move(on_defect));
  if (!opened.ok()) return opened;
  SegmentReader& segment = *opened.value();
  if (index + 1 < segments.size()) segment.EndBefore(segments[index + 1].first);
  if (selector_.ByHead()) {
    segment.PassOver([this](const LineHead& head) { return !selector_.MayWant(head); });
  }
  return opened;
}

/// Opens this segment, or the first one behind it that may have what is wanted. What is missing
/// where that is not the next one may be named by what is left out.
Status LogReader::Impl::Open(const std::vector<Segment>& segments, size_t index) {
  const size_t next = index;
  while (index + 1 < segments.size() && !MayBeWanted(segments[index])) ++index;
  Result<std::unique_ptr<SegmentReader>> opened =
      OpenReader(segments, index, [this](const LogDefect& defect) { Tell(defect); });
  if (!opened.ok()) return opened.status();
  current_ = std::move(opened).value();
  if (on_missing_) current_->Tell(&missing_);
  if (!begun_ || index != next) missing_.BeginAt(std::max(next_seq_, segments[index].first));
  begun_ = true;
  waits_ = false;
  return {};
}

bool LogReader::Impl::MayBeWanted(const Segment& segment) const {
  if (!selector_.ByTime()) return true;
  const auto index = FindIndex(files_, directory_, segment);
  return !index || selector_.MayWant(*index);
}

/// Opens the segment that `seq` stands in, or the oldest one where retention has overtaken it.
Status LogReader::Impl::OpenSegmentOf(Seq seq) {
  Status status;
  for (int races = 0; races < kMaxRaces; ++races) {
    const Result<std::vector<Segment>> segments = List();
    if (!segments.ok()) return segments.status();
    status = Open(segments.value(), IndexOf(segments.value(), seq));
    if (status.code() != StatusCode::kNotFound) return status;
  }
  return status;
}

Status LogReader::Impl::Seek(Seq seq) {
  next_seq_ = seq;
  begun_ = false;
  TellStrays();
  return OpenSegmentOf(seq);
}

Status LogReader::Impl::SeekLast(uint64_t count) {
  const Result<Seq> first = SeqOfLast(count);
  return first.ok() ? Seek(first.value()) : first.status();
}

/// Whether the line that `segment` is at is an event that is to be handed out.
bool LogReader::Impl::IsWanted(const SegmentReader& segment) const {
  if (selector_.IsAll()) return true;
  const Result<Event> event = DecodeEvent(segment.Line());
  return event.ok() && selector_.Wants(event.value());
}

/// The numbers of the events in a segment, of all or those that are wanted; none when retention has
/// just taken it.
Result<std::vector<Seq>> LogReader::Impl::SeqsIn(const std::vector<Segment>& segments, size_t index,
                                                 bool all) {
  std::vector<Seq> seqs;
  const auto opened = OpenReader(segments, index, {});
  if (!opened.ok()) {
    if (opened.status().code() == StatusCode::kNotFound) return seqs;
    return opened.status();
  }
  SegmentReader& segment = *opened.value();
  if (all) segment.PassOver({});
  while (true) {
    const auto next = segment.Read();
    if (!next.ok()) return next.status();
    if (next.value() == SegmentReader::Next::kEnd || segment.LineSeq() > end_at_) return seqs;
    if (all || IsWanted(segment)) seqs.push_back(segment.LineSeq());
  }
}

/// The seq that the last `count` events begin with; the one behind the log's end for zero. From the
/// last segment backwards, and no further than needed; what an index counts is not read.
Result<Seq> LogReader::Impl::SeqOfLast(uint64_t count) {
  const Result<std::vector<Segment>> segments = List();
  if (!segments.ok()) return segments.status();
  const bool all = count == 0 || selector_.IsAll();
  Seq behind = std::min(segments->back().first - 1, end_at_) + 1;
  for (size_t index = segments->size(); index > 0 && !(give_up_ && give_up_()); --index) {
    const Segment& segment = segments.value()[index - 1];
    if (segment.first > end_at_ || (!all && !MayBeWanted(segment))) continue;
    const auto known = all && count > 0 ? FindIndex(files_, directory_, segment) : std::nullopt;
    if (known && known->last_seq <= end_at_ && known->events < count) {
      count -= known->events;
      if (known->events != 0) behind = segment.first;
      continue;
    }
    const Result<std::vector<Seq>> seqs = SeqsIn(segments.value(), index - 1, all);
    if (!seqs.ok()) return seqs.status();
    if (seqs->empty()) continue;
    if (count == 0) return seqs->back() + 1;
    if (count <= seqs->size()) return seqs.value()[seqs->size() - count];
    count -= seqs->size();
    behind = seqs->front();
  }
  return behind;
}

Result<LogReader::Next> LogReader::Impl::Read(StoredEvent& out) {
  if (!current_) {
    TellStrays();
    Status opened = OpenSegmentOf(next_seq_);
    if (!opened.ok()) return opened;
  }
  while (true) {
    const Result<SegmentReader::Next> next = NextLine();
    if (!next.ok()) return next.status();
    if (IsAnotherLog()) {
      Status opened = Seek(0);
      if (!opened.ok()) return opened;
      continue;
    }
    if (next.value() == SegmentReader::Next::kEvent) {
      waits_ = current_->LineSeq() > end_at_;
      if (waits_) TellMissing();
      if (waits_) return Next::kEnd;
      if (Take(out)) return Next::kEvent;
      continue;
    }
    const Result<bool> advanced = Advance();
    if (!advanced.ok()) return advanced.status();
    if (give_up_ && give_up_()) return Next::kEnd;
    if (advanced.value()) continue;
    TellMissing();
    return Next::kEnd;
  }
}

/// Goes to the next line, unless the current one still waits to be handed out.
Result<SegmentReader::Next> LogReader::Impl::NextLine() {
  return waits_ ? Result<SegmentReader::Next>(SegmentReader::Next::kEvent) : current_->Read();
}

/// Decodes the current line; false when it is to be passed over.
bool LogReader::Impl::Take(StoredEvent& out) {
  if (current_->LineSeq() < next_seq_) return false;
  Result<Event> event = DecodeEvent(current_->Line());
  if (!event.ok()) {
    current_->ReportLine(event.status().message());
    return false;
  }
  next_seq_ = current_->LineSeq() + 1;
  if (!selector_.Wants(event.value())) return false;
  out.event = std::move(event).value();
  out.line = current_->Line();
  out.boot_id = current_->Header() == nullptr ? std::string() : current_->Header()->boot_id;
  return true;
}

/// At the end of what a segment has: goes to what comes next, if it is there already.
Result<bool> LogReader::Impl::Advance() {
  for (int races = 0; races < kMaxRaces; ++races) {
    const bool still_named = current_->IsStillNamed();
    const Result<std::vector<Segment>> segments = ListSegments(files_, directory_);
    if (segments.status().code() == StatusCode::kNotFound) return false;
    if (!segments.ok()) return segments.status();
    const auto next = NextOf(segments.value(), still_named);
    if (next == segments->end()) return false;
    const bool newer = next->first > current_->File().first;
    if (newer && !current_->HasEnd()) {
      // Once more to its end, for what was written before the newer one was made.
      current_->EndBefore(next->first);
      return true;
    }
    if (newer) current_->ReportUnfinished();
    const Status opened = Open(segments.value(), static_cast<size_t>(next - segments->begin()));
    replaced_ = opened.ok() && !still_named;
    if (opened.ok()) return true;
    if (opened.code() != StatusCode::kNotFound) return opened;
  }
  return false;
}

/// The segment to go on with behind the current one: the one that took its name, else the newer
/// one. Where both the file and all that is newer are gone, the log was begun anew: the last one.
std::vector<Segment>::const_iterator LogReader::Impl::NextOf(const std::vector<Segment>& segments,
                                                             bool still_named) const {
  const Seq first = current_->File().first;
  const auto next = std::find_if(segments.begin(), segments.end(), [&](const Segment& segment) {
    return still_named ? segment.first > first : segment.first >= first;
  });
  if (next != segments.end() || still_named || segments.empty()) return next;
  return segments.begin() + static_cast<ptrdiff_t>(IndexOf(segments, next_seq_));
}

/// Whether the file that was being read made way for another log, which is read from its beginning.
bool LogReader::Impl::IsAnotherLog() {
  const SegmentHeader* const header = current_->Header();
  if (header == nullptr) return false;  // It may be on its way.
  const bool replaced = std::exchange(replaced_, false);
  if (header->log_id == log_id_) return false;
  const bool another = replaced && !log_id_.empty();
  log_id_ = header->log_id;
  return another;
}

void LogReader::Impl::Tell(const LogDefect& defect) {
  if (on_defect_ && defect.expected >= next_seq_) on_defect_(defect);
}

/// Once: who puts them there meanwhile has other troubles.
void LogReader::Impl::TellStrays() {
  if (!on_defect_ || std::exchange(told_strays_, true)) return;
  const Result<std::vector<LogDefect>> strays = ListStrays(files_, directory_);
  if (!strays.ok()) return;
  for (const LogDefect& stray : strays.value()) on_defect_(stray);
}

void LogReader::Impl::TellMissing() {
  const Seq end = std::min(end_at_, std::numeric_limits<Seq>::max() - 1) + 1;
  for (const SeqRange& range : missing_.TakeUnrecorded(end)) on_missing_(range);
}

LogReader::LogReader(FileSystem& files, std::string directory, OnDefect on_defect)
    : impl_(std::make_unique<Impl>(files, std::move(directory), std::move(on_defect))) {}
LogReader::~LogReader() = default;
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;

void LogReader::Select(LogSelection selection) {
  impl_->Select(std::move(selection));
}

void LogReader::EndAt(Seq last) {
  impl_->EndAt(last);
}

void LogReader::GiveUpWhen(std::function<bool()> wanted) {
  impl_->GiveUpWhen(std::move(wanted));
}

void LogReader::TellOfMissing(std::function<void(const SeqRange&)> on_missing) {
  impl_->TellOfMissing(std::move(on_missing));
}

Seq LogReader::Position() const {
  return impl_->Position();
}

Status LogReader::Seek(Seq seq) {
  return impl_->Seek(seq);
}

Status LogReader::SeekLast(uint64_t count) {
  return impl_->SeekLast(count);
}

Result<LogReader::Next> LogReader::Read(StoredEvent& out) {
  return impl_->Read(out);
}

}  // namespace broker
