#include "eventlog/batch.h"

#include <utility>

#include "eventlog/codec.h"

namespace broker {
namespace {

// A line of a session's event, about: one allocation serves most batches.
constexpr size_t kUsualLine = 1200;

}  // namespace

BatchRef MakeBatch(std::vector<Event> events, Seq first,
                   std::shared_ptr<const std::string> boot_id) {
  auto batch = std::make_shared<Batch>();
  batch->text.reserve(events.size() * kUsualLine);
  batch->ends.reserve(events.size());
  for (Event& event : events) {
    event.seq = first++;
    EncodeEvent(batch->text, event);
    batch->ends.push_back(static_cast<uint32_t>(batch->text.size()));
    batch->text.push_back('\0');
  }
  batch->text.shrink_to_fit();
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
