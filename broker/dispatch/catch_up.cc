#include "dispatch/catch_up.h"

#include <memory>
#include <utility>

namespace broker {
namespace {

constexpr const char* kMissing = "not in the log";

}  // namespace

CatchUp::CatchUp(FileSystem& files, const std::string& directory, Seq cursor, StartLimits limits,
                 OnSkipped on_skipped)
    : reader_(files, directory),
      limits_(std::move(limits)),
      on_skipped_(std::move(on_skipped)),
      through_(cursor) {}

Status CatchUp::SeekIfNeeded() {
  if (sought_) return {};
  Status sought = reader_.Seek(through_ + 1);
  sought_ = sought.ok();
  return sought;
}

Result<EventRef> CatchUp::Next(Seq last) {
  while (through_ < last) {
    if (held_ == nullptr) {
      Status sought = SeekIfNeeded();
      if (!sought.ok()) return sought;
      auto read = std::make_shared<StoredEvent>();
      const Result<LogReader::Next> next = reader_.Read(*read);
      if (!next.ok()) return next.status();
      if (next.value() == LogReader::Next::kEnd) {
        Skip(through_ + 1, last, kMissing);
        through_ = last;
        break;
      }
      if (read->event.seq <= through_) continue;
      held_ = std::move(read);
    }
    const Seq seq = held_->event.seq;
    if (seq > last) break;
    if (seq > through_ + 1) Skip(through_ + 1, seq - 1, kMissing);
    EventRef event = std::move(held_);
    held_ = nullptr;
    through_ = seq;
    if (const char* reason = ReasonToSkip(*event); reason != nullptr) {
      Skip(seq, seq, reason);
      continue;
    }
    ReportSkipped();
    return event;
  }
  ReportSkipped();
  return EventRef();
}

const char* CatchUp::ReasonToSkip(const StoredEvent& event) const {
  if (event.event.seq > limits_.through) return nullptr;
  if (event.boot_id != limits_.boot_id) return "boot";
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
