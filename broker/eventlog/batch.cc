#include "eventlog/batch.h"

#include <utility>

#include "eventlog/codec.h"

namespace broker {

BatchRef MakeBatch(std::vector<Event> events, Seq first, std::shared_ptr<const std::string> boot_id,
                   size_t expected_bytes) {
  auto batch = std::make_shared<Batch>();
  batch->text.reserve(expected_bytes);
  batch->ends.reserve(events.size());
  for (Event& event : events) {
    event.seq = first++;
    EncodeEvent(batch->text, event);
    batch->ends.push_back(static_cast<uint32_t>(batch->text.size()));
    batch->text.push_back('\0');
  }
  if (batch->text.capacity() > 2 * batch->text.size()) batch->text.shrink_to_fit();
  batch->events = std::move(events);
  batch->boot_id = std::move(boot_id);
  return batch;
}

void AppendLines(std::string& out, const Batch& batch) {
  const size_t start = out.size();
  out.append(batch.text);
  for (const uint32_t end : batch.ends) out[start + end] = '\n';
}

}  // namespace broker
