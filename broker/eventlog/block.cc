#include "eventlog/block.h"

#include <memory>
#include <utility>

#include "eventlog/codec.h"

namespace broker {
namespace {

void AppendLine(Block& block, Event& event, Seq seq) {
  event.seq = seq;
  EncodeEvent(block.text, event);
  block.ends.push_back(block.text.size());
  block.text.push_back('\n');
}

Event MakeGap(Timestamp time, Seq from, Seq to) {
  Event gap = MakeBrokerEvent(EventType::kLogGap, time,
                              {{"from", std::to_string(from)}, {"to", std::to_string(to)}});
  gap.reason = "write failed";
  return gap;
}

EventRef Store(const Block& block, size_t line, Event event, const std::string& boot_id) {
  const size_t start = line == 0 ? 0 : block.ends[line - 1] + 1;
  auto stored = std::make_shared<StoredEvent>();
  stored->event = std::move(event);
  stored->line = block.text.substr(start, block.ends[line] - start);
  stored->boot_id = boot_id;
  return stored;
}

}  // namespace

Block EncodeBlock(std::vector<Event>& events, Seq last, Seq next) {
  Block block;
  block.first = next;
  if (next != last + 1) {
    block.gap = MakeGap(events.front().time, last + 1, next - 1);
    AppendLine(block, *block.gap, next++);
  }
  for (Event& event : events) AppendLine(block, event, next++);
  block.last = next - 1;
  return block;
}

Batch ToBatch(Block block, std::vector<Event> events, const std::string& boot_id) {
  Batch batch;
  batch.reserve(block.ends.size());
  if (block.gap) batch.push_back(Store(block, 0, std::move(*block.gap), boot_id));
  for (Event& event : events) {
    batch.push_back(Store(block, batch.size(), std::move(event), boot_id));
  }
  return batch;
}

void SeenLines::Remember(const Block& block, size_t bytes) {
  size_t lines = 0;
  while (lines < block.ends.size() && block.ends[lines] < bytes) ++lines;
  const size_t seen = lines == 0 ? 0 : block.ends[lines - 1] + 1;
  if (seen <= text_.size()) return;
  text_ = block.text.substr(0, seen);
  last_ = block.first + lines - 1;
}

bool SeenLines::Contradict(const Block& block) const {
  return !block.text.starts_with(text_) && !text_.starts_with(block.text);
}

void SeenLines::Confirm(const Block& block) {
  if (block.last >= last_) {
    Clear();
  } else {
    text_.erase(0, block.text.size());
  }
}

void SeenLines::Clear() {
  text_.clear();
  last_ = 0;
}

}  // namespace broker
