#include "plugin_host/batch_views.h"

#include <utility>

#include "event/prefetch.h"

namespace broker {

const usher_event& BatchViews::Show(const DeliveredEvent& event) {
  const Batch& batch = *event.batch;
  const ReaderNotes& notes = batch.notes.Get([&batch] { return Make(batch); });
  return static_cast<const BatchViews&>(notes).events_[event.event.seq - batch.First()];
}

std::unique_ptr<ReaderNotes> BatchViews::Make(const Batch& batch) {
  std::unique_ptr<ReaderNotes> notes = batch.pool->TakeNotes();
  if (!notes) notes = std::make_unique<BatchViews>();
  static_cast<BatchViews&>(*notes).ShowAll(batch);
  return notes;
}

/// Over the views of an older batch: nothing need be cleared.
void BatchViews::ShowAll(const Batch& batch) {
  const size_t count = batch.events.size();
  size_t details = 0;
  for (const Event& event : batch.events) details += event.details.size();
  details_.Begin(details);
  events_.resize(count);
  sessions_.resize(count);
  befores_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    PrefetchSessions(batch.events, i);
    const Event& event = batch.events[i];
    ShowEvent({event, batch.Line(i), *batch.boot_id, false, false, {}, &batch}, events_[i],
              sessions_[i], befores_[i]);
    details_.Show(event.details, events_[i]);
  }
}

}  // namespace broker
