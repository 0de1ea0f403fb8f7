#include <algorithm>
#include <random>
#include <utility>

#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/writer_impl.h"

namespace broker {
namespace {

std::string NewLogId() {
  std::random_device random;
  std::string id;
  for (int half = 0; half < 2; ++half) {
    const uint64_t high = random();
    AppendHex64(id, (high << 32U) | random());
  }
  return id;
}

/// Whether this version may go on, in this boot, with a segment that has this header.
bool MayContinue(const SegmentHeader& header, const Machine& machine) {
  return header.boot_id == machine.boot_id && header.machine_id == machine.machine_id &&
         header.major == kLogFormatMajor && header.minor == kLogFormatMinor;
}

/// What may be over by itself: then the broker had better begin than not.
bool MayPass(const Status& status) {
  return status.code() == StatusCode::kNoSpace || status.code() == StatusCode::kIo;
}

SegmentLimits LimitsOf(const LogOptions& options) {
  return {options.directory, options.segment_bytes, options.total_bytes, options.segment_age_us,
          options.total_age_us};
}

}  // namespace

LogWriter::Impl::Impl(FileSystem& files, LogOptions options, Machine machine)
    : files_(files),
      options_(std::move(options)),
      machine_(std::move(machine)),
      boot_id_(std::make_shared<const std::string>(machine_.boot_id)),
      reservation_(files, options_.directory),
      segments_(std::make_shared<SegmentSet>(files, LimitsOf(options_))) {}

Status LogWriter::Impl::Open(LogRecovery& recovery) {
  Status made = files_.MakeDirectories(options_.directory, kLogDirectoryMode);
  if (!made.ok()) return made;
  LogRecovery found;
  Result<LogEnd> end = RecoverLog(files_, options_.directory, found);
  if (!end.ok()) return end.status();
  RemoveLeftovers(end->closed);
  log_id_ = end->log_id.empty() ? NewLogId() : end->log_id;
  Status numbers = StartNumbers(end.value(), found);
  if (!numbers.ok()) return numbers;
  Status started = ContinueOrStart(std::move(end).value(), found.sessions);
  if (!started.ok() && !MayPass(started)) return started;
  if (!started.ok())
    Fail(
        started, [&found] { return found.sessions; }, options_.retry);
  untrimmed_ = segments_->Trim(synced_).message();
  recovery = std::move(found);
  return {};
}

/// What a writer was making when it was killed, and indexes of segments that are gone.
void LogWriter::Impl::RemoveLeftovers(const std::vector<ClosedSegment>& closed) {
  RemoveTemporaries(files_, options_.directory);
  const Result<std::vector<std::string>> names = files_.List(options_.directory);
  if (!names.ok()) return;
  for (const std::string& name : names.value()) {
    const std::optional<Seq> first = ParseIndexName(name);
    const bool kept = std::any_of(closed.begin(), closed.end(), [&](const ClosedSegment& segment) {
      return segment.first == first;
    });
    if (!first || kept) continue;
    const Status ignored = files_.Remove(PathIn(options_.directory, name));
    static_cast<void>(ignored);
  }
}

/// Numbering goes on behind all that may have been given.
Status LogWriter::Impl::StartNumbers(const LogEnd& end, LogRecovery& recovery) {
  if (end.next_seq > kMaxFirstSeq) {
    return {StatusCode::kInvalid,
            "'" + PathIn(options_.directory, SegmentName(end.closed.back().first)) +
                "' counts to " + std::to_string(end.next_seq - 1) +
                ", which no log does; move that file away"};
  }
  const std::optional<Seq> reserved = reservation_.Load(end.next_seq);
  recovery.reservation_lost = !reserved && end.next_seq > 1;
  Seq next = std::max(end.next_seq, reserved.value_or(0));
  if (recovery.reservation_lost) next = end.next_seq + kMostReserved;
  for (const SeqRange& lost : end.lost) gaps_.GiveUp(lost.from, lost.to, "unclean end");
  if (next > end.last_seq + 1) gaps_.GiveUp(end.last_seq + 1, next - 1, "unclean end");
  numbered_ = written_ = synced_ = delivered_ = next - 1;
  recovery.sessions.as_of = end.last_seq;
  durable_ = end.last_seq;
  ring_.Mark(written_, durable_);
  Status saved = reservation_.Save(next + Reservation::kBlock);
  NoteReserved(saved, next + Reservation::kBlock);
  return saved.ok() || MayPass(saved) ? Status() : saved;
}

/// Numbers are left out where a folder, a link or a pipe has the name that a segment would need
/// which begins with them.
void LogWriter::Impl::PassOverStrays() {
  const Seq first = numbered_ + 1;
  const auto is_stray = [this](Seq seq) {
    const Result<bool> is_file = files_.IsFile(PathIn(options_.directory, SegmentName(seq)));
    return is_file.ok() && !is_file.value();
  };
  Seq next = first;
  while (is_stray(next)) ++next;
  if (next == first) return;
  gaps_.GiveUp(first, next - 1, "the segment's name is taken");
  numbered_ = written_ = synced_ = delivered_ = next - 1;
  ring_.Mark(written_, durable_);
}

Status LogWriter::Impl::ContinueOrStart(LogEnd end, const SessionSnapshot& sessions) {
  const bool go_on = end.synced && end.whole_header && MayContinue(end.header, machine_);
  for (const SegmentIndex& index : end.closed_unindexed) segments_->NoteIndex(index);
  if (go_on) {
    end.closed.pop_back();
    segments_->Restore(std::move(end.closed));
    return segments_->Continue(end.index, end.header.created_us);
  }
  if (!end.closed.empty() && end.index.events == 0) {
    // It is replaced; what the one before has from this number on stays beyond its end.
    begin_at_ = end.index.first_seq;
  } else if (!end.closed.empty()) {
    segments_->NoteIndex(end.index);
    auto file = files_.OpenAppend(PathIn(options_.directory, SegmentName(end.index.first_seq)));
    if (file.ok()) GiveBackRoom({std::move(file).value()});
  }
  segments_->Restore(std::move(end.closed));
  if (numbered_ < begin_at_) PassOverStrays();
  const Seq first = std::min(numbered_ + 1, begin_at_);
  Status begun = segments_->Begin(HeaderOf(first, SystemClock().Now().realtime_us, sessions));
  if (begun.ok()) begin_at_ = std::numeric_limits<Seq>::max();
  return begun;
}

}  // namespace broker
