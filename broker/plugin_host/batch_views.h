#pragma once

#include <memory>
#include <vector>

#include "dispatch/consumer.h"
#include "eventlog/batch.h"
#include "plugin_host/event_view.h"
#include "usher/event.h"

namespace broker {

/// All events of a large batch as plugins see them: made once, by the first instance that gets one
/// of them, and shared by all. Each making its own would read every session once an instance.
class BatchViews final : public ReaderNotes {
 public:
  /// Whether the event is shown so: not where it is flagged for one instance alone.
  [[nodiscard]] static bool Has(const DeliveredEvent& event) {
    return event.batch != nullptr && event.batch->pool && !event.redelivered && !event.unlogged;
  }

  /// Only where Has says so. Valid as long as the batch is. Thread-safe.
  static const usher_event& Show(const DeliveredEvent& event);

 private:
  static std::unique_ptr<ReaderNotes> Make(const Batch& batch);
  void ShowAll(const Batch& batch);

  std::vector<usher_event> events_;
  std::vector<usher_session> sessions_;
  std::vector<usher_session> befores_;
  DetailViews details_;
};

}  // namespace broker
