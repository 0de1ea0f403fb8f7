#include "eventlog/writer.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include "event/clock.h"
#include "eventlog/active_segment.h"
#include "eventlog/block.h"
#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/recovery.h"
#include "eventlog/segments.h"

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

}  // namespace

class LogWriter::Impl {
 public:
  Impl(FileSystem& files, LogOptions options, Machine machine)
      : files_(files), options_(std::move(options)), machine_(std::move(machine)) {}

  Status Open(LogRecovery& recovery);
  Result<Batch> Append(std::vector<Event> events, const std::function<SessionSnapshot()>& sessions);
  [[nodiscard]] Seq LastSeq() const { return last_seq_; }

 private:
  Status ContinueOrStart(LogEnd end, const SessionSnapshot& sessions);
  Status EnsureSegment(const std::function<SessionSnapshot()>& sessions);
  Status StartSegment(const std::function<SessionSnapshot()>& sessions);
  Result<std::unique_ptr<ActiveSegment>> MakeSegment(const SegmentHeader& header);
  Result<Block> Write(std::vector<Event>& events, const std::function<SessionSnapshot()>& sessions);
  void GiveUpNumbers();
  void TrimToSize();

  FileSystem& files_;
  const LogOptions options_;
  const Machine machine_;
  std::string log_id_;
  Seq last_seq_ = 0;  // The last event's.
  Seq next_seq_ = 1;  // What comes next; numbers between the two are given up.
  std::unique_ptr<ActiveSegment> active_;
  std::vector<SizedSegment> closed_;  // Oldest first.
  SeenLines seen_;
  Seq half_made_ = 0;  // The segment that failed when it may have had its name already; 0 = none.
};

Status LogWriter::Impl::Open(LogRecovery& recovery) {
  Status made = files_.MakeDirectories(options_.directory, kLogDirectoryMode);
  if (!made.ok()) return made;
  LogRecovery found;
  Result<LogEnd> end = RecoverLog(files_, options_.directory, found);
  if (!end.ok()) return end.status();
  log_id_ = end->log_id.empty() ? NewLogId() : end->log_id;
  last_seq_ = end->last_seq;
  if (last_seq_ > kMaxSeq) {
    return {StatusCode::kInvalid, "the last segment in '" + options_.directory + "' counts to " +
                                      std::to_string(last_seq_) +
                                      ", which no log does; move that file away"};
  }
  next_seq_ = last_seq_ + 1;
  Status started = ContinueOrStart(std::move(end).value(), found.sessions);
  if (!started.ok()) return started;
  TrimToSize();
  recovery = std::move(found);
  return {};
}

Status LogWriter::Impl::ContinueOrStart(LogEnd end, const SessionSnapshot& sessions) {
  closed_ = std::move(end.segments);
  const bool go_on = end.whole_header && MayContinue(end.header, machine_);
  // A segment without events has the next one's name, and is replaced.
  const bool replace = !closed_.empty() && closed_.back().segment.first == next_seq_;
  if (!go_on && !replace) return StartSegment([&sessions] { return sessions; });
  const Segment last = std::move(closed_.back().segment);
  closed_.pop_back();
  if (!go_on) return StartSegment([&sessions] { return sessions; });
  Result<std::unique_ptr<ActiveSegment>> active =
      ActiveSegment::Continue(files_, options_.directory, last, end.has_events);
  if (!active.ok()) return active.status();
  active_ = std::move(active).value();
  return {};
}

Result<Batch> LogWriter::Impl::Append(std::vector<Event> events,
                                      const std::function<SessionSnapshot()>& sessions) {
  if (events.empty()) return Batch{};
  Result<Block> block = Write(events, sessions);
  // Somebody else changed the file, and nothing was written: a new one takes it at once.
  if (block.status().code() == StatusCode::kCorrupt) block = Write(events, sessions);
  if (!block.ok()) return block.status();
  last_seq_ = block->last;
  next_seq_ = last_seq_ + 1;
  seen_.Confirm(block.value());
  TrimToSize();
  return ToBatch(std::move(block).value(), std::move(events), machine_.boot_id);
}

Result<Block> LogWriter::Impl::Write(std::vector<Event>& events,
                                     const std::function<SessionSnapshot()>& sessions) {
  Status ready = EnsureSegment(sessions);
  if (!ready.ok()) return ready;
  Block block = EncodeBlock(events, last_seq_, next_seq_);
  if (seen_.Contradict(block)) {
    GiveUpNumbers();
    ready = EnsureSegment(sessions);
    if (!ready.ok()) return ready;
    block = EncodeBlock(events, last_seq_, next_seq_);
  }
  size_t visible = 0;
  Status written = active_->Append(block.text, &visible);
  if (written.ok()) return block;
  seen_.Remember(block, visible);
  return written;
}

/// Numbers that a reader may have seen with other events: they are never given again. The segment
/// they stood in is not gone on with, so that who has read it there goes on behind it.
void LogWriter::Impl::GiveUpNumbers() {
  next_seq_ = std::max(next_seq_, seen_.Last()) + 1;
  seen_.Clear();
  active_->Abandon();
}

Status LogWriter::Impl::EnsureSegment(const std::function<SessionSnapshot()>& sessions) {
  const bool full = active_->HasEvents() && active_->Bytes() >= options_.segment_bytes;
  if (active_->Usable() && !full) return {};
  // No two files of one name: readers may still have the first one open.
  if (active_->File().first == next_seq_) GiveUpNumbers();
  return StartSegment(sessions);
}

Status LogWriter::Impl::StartSegment(const std::function<SessionSnapshot()>& sessions) {
  // Somebody may have removed it since the log was opened.
  Status there = files_.MakeDirectories(options_.directory, kLogDirectoryMode);
  if (!there.ok()) return there;
  SegmentHeader header;
  header.log_id = log_id_;
  header.machine_id = machine_.machine_id;
  header.boot_id = machine_.boot_id;
  header.first_seq = next_seq_;
  header.created_us = SystemClock().Now().realtime_us;
  header.sessions = sessions();
  Result<std::unique_ptr<ActiveSegment>> made = MakeSegment(header);
  half_made_ = made.ok() ? 0 : header.first_seq;
  if (!made.ok()) return made.status().Annotate("no new segment can be started");
  if (active_) closed_.push_back({active_->File(), active_->Bytes()});
  active_ = std::move(made).value();
  return {};
}

/// Readers may have a half-made segment open already, so that it is finished rather than replaced.
Result<std::unique_ptr<ActiveSegment>> LogWriter::Impl::MakeSegment(const SegmentHeader& header) {
  const Segment segment{header.first_seq, SegmentName(header.first_seq)};
  const bool is_there = half_made_ == header.first_seq &&
                        files_.OpenRead(PathIn(options_.directory, segment.name)).ok();
  if (!is_there) return ActiveSegment::Create(files_, options_.directory, header);
  Status synced = files_.SyncDirectory(options_.directory);
  if (!synced.ok()) return synced;
  return ActiveSegment::Continue(files_, options_.directory, segment, false);
}

void LogWriter::Impl::TrimToSize() {
  uint64_t total = std::accumulate(
      closed_.begin(), closed_.end(), active_->Bytes(),
      [](uint64_t sum, const SizedSegment& segment) { return sum + segment.bytes; });
  while (total > options_.total_bytes && !closed_.empty()) {
    const SizedSegment& oldest = closed_.front();
    const Status removed = files_.Remove(PathIn(options_.directory, oldest.segment.name));
    // What cannot be removed now is tried again with the next batch.
    if (!removed.ok() && removed.code() != StatusCode::kNotFound) return;
    total -= oldest.bytes;
    closed_.erase(closed_.begin());
  }
}

LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogWriter::~LogWriter() = default;

Result<std::unique_ptr<LogWriter>> LogWriter::Open(FileSystem& files, LogOptions options,
                                                   const Machine& machine, LogRecovery& recovery) {
  auto impl = std::make_unique<Impl>(files, std::move(options), machine);
  Status opened = impl->Open(recovery);
  if (!opened.ok()) return opened;
  return std::unique_ptr<LogWriter>(new LogWriter(std::move(impl)));
}

Result<Batch> LogWriter::Append(std::vector<Event> events,
                                const std::function<SessionSnapshot()>& sessions) {
  return impl_->Append(std::move(events), sessions);
}

Seq LogWriter::LastSeq() const {
  return impl_->LastSeq();
}

}  // namespace broker
