#include "dispatch/catch_up.h"

#include <algorithm>
#include <utility>

#include "eventlog/segments.h"

namespace broker {
namespace {

constexpr const char* kLost = "lost";
constexpr const char* kRetention = "retention";

}  // namespace

CatchUp::CatchUp(FileSystem& files, const std::string& directory, Seq cursor, StartLimits limits,
                 OnSkipped on_skipped)
    : files_(files),
      directory_(directory),
      reader_(files, directory),
      limits_(std::move(limits)),
      on_skipped_(std::move(on_skipped)),
      through_(cursor) {}

Status CatchUp::SeekIfNeeded() {
  if (sought_) return {};
  Status sought = reader_.Seek(through_ + 1);
  sought_ = sought.ok();
  return sought;
}

/// Reads the next event behind through_ into event_; false where there is none yet.
Result<bool> CatchUp::Fetch() {
  Status sought = SeekIfNeeded();
  if (!sought.ok()) return sought;
  do {
    const Result<LogReader::Next> next = reader_.Read(event_);
    if (!next.ok()) return next.status();
    if (next.value() == LogReader::Next::kEnd) return false;
  } while (event_.event.seq <= through_);
  return true;
}

Result<const StoredEvent*> CatchUp::Next(Seq last) {
  while (through_ < last) {
    const Result<bool> fetched = held_ ? Result<bool>(true) : Fetch();
    if (!fetched.ok()) return fetched.status();
    held_ = fetched.value() && event_.event.seq > last;
    const bool found = fetched.value() && !held_;
    const Seq seq = found ? event_.event.seq : last + 1;
    if (seq > through_ + 1) SkipHole(through_ + 1, seq - 1);
    through_ = std::min(seq, last);
    if (!found) break;
    if (const char* reason = ReasonToSkip(event_); reason != nullptr) {
      Skip(seq, seq, reason);
      continue;
    }
    ReportSkipped();
    return &event_;
  }
  ReportSkipped();
  return nullptr;
}

/// Numbers that no readable line has. Those before the start were never given, or were lost with
/// the last broker, which log.gap says; but not those that retention took.
void CatchUp::SkipHole(Seq from, Seq to) {
  const Seq oldest = OldestInLog();
  if (from < oldest) Skip(from, std::min(to, oldest - 1), kRetention);
  from = std::max({from, oldest, limits_.through + 1});
  if (from <= to) Skip(from, to, kLost);
}

/// The first number that may stand in the log; 0 = unknown.
Seq CatchUp::OldestInLog() {
  const auto segments = ListSegments(files_, directory_);
  return segments.ok() && !segments->empty() ? segments->front().first : 0;
}

const char* CatchUp::ReasonToSkip(const StoredEvent& event) const {
  if (event.event.seq > limits_.through) return nullptr;
  if (!limits_.boot_id.empty() && event.boot_id != limits_.boot_id) return "boot";
  if (event.event.time.realtime_us < limits_.oldest_us) return "age";
  return nullptr;
}

void CatchUp::Skip(Seq from, Seq to, const char* reason) {
  if (skipped_ && skipped_->reason == reason && skipped_->to + 1 == from) {
    skipped_->to = to;
    return;
  }
  ReportSkipped();
  skipped_ = Skipped{from, to, reason};
}

void CatchUp::ReportSkipped() {
  if (!skipped_) return;
  on_skipped_(skipped_->from, skipped_->to, skipped_->reason);
  skipped_.reset();
}

}  // namespace broker
