#pragma once

#include <string>
#include <vector>

#include "event/event_type.h"
#include "event/status.h"
#include "eventlog/stored_event.h"

namespace broker {

/// What an instance wants once it is up.
struct Activation {
  std::vector<EventType> types;  ///< The events to deliver.
  Seq as_of = 0;                 ///< The last event that its snapshot includes.
};

/// What a lane drives: one plugin instance. Every call comes from the lane's worker thread, one at
/// a time, in the order Activate, (Skipped, Deliver, Troubled)…, Deactivate.
class Consumer {
 public:
  virtual ~Consumer() = default;

  /// Brings the instance up, its snapshot included. On failure nothing else is called.
  virtual Result<Activation> Activate() = 0;

  /// Hands over one event; `redelivered` when it may have been seen before a crash. OK acknowledges
  /// it. Any other status means: it failed and is skipped; the consumer has counted the strike.
  virtual Status Deliver(const StoredEvent& event, bool redelivered) = 0;

  /// The instance will not see the events `from` to `to`; `reason` says why ("boot", "age", …).
  virtual void Skipped(Seq from, Seq to, const std::string& reason) = 0;

  /// The lane itself has trouble: the log cannot be read, the cursor not be saved. It goes on
  /// trying.
  virtual void Troubled(const Status& trouble) = 0;

  /// Whether it wants no more events (quarantined); asked after each Deliver.
  [[nodiscard]] virtual bool Exhausted() const = 0;

  /// Takes the instance down.
  virtual void Deactivate() noexcept = 0;
};

}  // namespace broker
