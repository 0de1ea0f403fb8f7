#include "eventlog/batch.h"

#include <utility>

namespace broker {
namespace {

void EncodeAll(EventEncoder& encoder, Batch& batch) {
  JsonPen pen(batch.text);
  for (const Event& event : batch.events) {
    encoder.Encode(pen, event);
    batch.ends.push_back(static_cast<uint32_t>(pen.Size()));
    pen.Raw(batch.separator);
  }
}

}  // namespace

std::shared_ptr<Batch> MakeBatch(EventEncoder& encoder, std::vector<Event> events, Seq first,
                                 std::shared_ptr<const std::string> boot_id,
                                 size_t expected_bytes) {
  auto batch = std::make_shared<Batch>();
  batch->events = std::move(events);
  for (Event& event : batch->events) event.seq = first++;
  batch->text.reserve(expected_bytes);
  batch->ends.reserve(batch->events.size());
  EncodeAll(encoder, *batch);
  if (batch->text.capacity() > batch->text.size() + batch->text.size() / 4) {
    batch->text.shrink_to_fit();
  }
  batch->boot_id = std::move(boot_id);
  return batch;
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
