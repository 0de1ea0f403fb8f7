#include "eventlog/missing_numbers.h"

#include <algorithm>
#include <optional>

#include "eventlog/codec.h"
#include "eventlog/line.h"

namespace broker {

void MissingNumbers::BeginAt(Seq seq) {
  begin_ = due_ = seq;
  damaged_ = 0;
  open_ = false;
  holes_ = {};
}

void MissingNumbers::Note(Seq seq, std::string_view line) {
  const std::optional<LineHead> head = PeekHead(line);
  if (head && wanted_ && !wanted_(*head)) return;
  holes_.Add({due_, seq - 1}, damaged_, {});
  open_ = true;
}

void MissingNumbers::TakeGap(std::string_view line) {
  const std::optional<LineHead> head = PeekHead(line);
  if (head && head->type != Name(EventType::kLogGap)) return;
  const Result<Event> event = DecodeEvent(line);
  if (!event.ok() || event->type != EventType::kLogGap) return;
  const std::optional<SeqRange> range = RangeOf(event.value());
  if (range && range->to >= begin_) holes_.Record({std::max(range->from, begin_), range->to});
}

std::vector<SeqRange> MissingNumbers::TakeUnrecorded(Seq end) {
  if (!open_) return {};
  std::vector<SeqRange> missing = holes_.TakeUnrecordedBefore(end);
  open_ = !holes_.Empty();
  return missing;
}

}  // namespace broker
