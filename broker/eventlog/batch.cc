#include "eventlog/batch.h"

#include <utility>

namespace broker {
namespace {

// Batches of a storm differ a little in length: not each is to need a little more room.
constexpr size_t kTextStep = 32U << 10U;

size_t InSteps(size_t bytes) {
  return (bytes + kTextStep - 1) / kTextStep * kTextStep;
}

void EncodeAll(EventEncoder& encoder, Batch& batch) {
  JsonPen pen(batch.text, 0);
  for (const Event& event : batch.events) {
    encoder.Encode(pen, event);
    batch.ends.push_back(static_cast<uint32_t>(pen.Size()));
    pen.Raw(batch.separator);
  }
}

}  // namespace

std::shared_ptr<Batch> MakeBatch(EventEncoder& encoder, std::vector<Event> events, Seq first,
                                 std::shared_ptr<const std::string> boot_id, size_t expected_bytes,
                                 std::shared_ptr<BatchPool> pool) {
  auto batch = std::make_shared<Batch>();
  const bool large = pool && events.size() >= BatchPool::kLeastEvents;
  if (large) {
    BatchLines lines = pool->TakeLines();
    batch->text = std::move(lines.text);
    batch->ends = std::move(lines.ends);
    batch->pool = std::move(pool);
  }
  batch->events = std::move(events);
  for (Event& event : batch->events) event.seq = first++;
  const size_t room = large ? InSteps(expected_bytes) : expected_bytes;
  if (batch->text.capacity() < room) batch->text.clear();  // Or else it would be copied.
  batch->text.reserve(room);
  batch->ends.reserve(batch->events.size());
  EncodeAll(encoder, *batch);
  const size_t spare = batch->text.capacity() - batch->text.size();
  if (spare > batch->text.size() / 4 + (large ? kTextStep : 0)) batch->text.shrink_to_fit();
  batch->boot_id = std::move(boot_id);
  return batch;
}

Batch::~Batch() {
  if (pool) pool->Give(std::move(events), {std::move(text), std::move(ends)}, notes.Take());
}

void Batch::Share() {
  separator = '\0';
  for (const uint32_t end : ends) text[end] = separator;
}

std::string_view FileText(const Batch& batch, std::string& room) {
  if (batch.separator == '\n') return batch.text;
  room = batch.text;
  for (const uint32_t end : batch.ends) room[end] = '\n';
  return room;
}

}  // namespace broker
