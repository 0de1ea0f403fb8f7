#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "event/event_type.h"
#include "event/status.h"

namespace broker {

/// What an instance wants once it is up.
struct Activation {
  std::vector<EventType> types;  ///< The events to deliver.
  Seq as_of = 0;                 ///< The last event that its snapshot includes.
};

/// One event as a lane hands it over. Valid during the call; who needs it longer copies it.
struct DeliveredEvent {
  const Event& event;
  std::string_view line;       ///< Its line in the log; a NUL follows.
  const std::string& boot_id;  ///< The boot that its monotonic time counts in.
  bool redelivered = false;    ///< It may have been seen before a crash.
  bool unlogged = false;       ///< It is not in the log yet.
};

/// What became of an event.
enum class Outcome : int32_t {
  kDone = 0,  ///< Acknowledged.
  kFailed,    ///< It is skipped; the consumer has counted the strike.
  kPending,   ///< Completions::Complete will follow, or has come already.
  kRetry,     ///< The same again, later.
};

/// Where a consumer says that an event it answered kPending for is finished.
class Completions {
 public:
  virtual ~Completions() = default;
  /// From any thread, also before Deliver has returned.
  virtual void Complete(Seq seq) noexcept = 0;
};

/// What a lane drives: one plugin instance. Every call comes from the lane's worker thread, one at
/// a time, in the order Activate, (Skipped, Deliver, Troubled)…, Deactivate.
class Consumer {
 public:
  virtual ~Consumer() = default;

  /// Brings the instance up, its snapshot included. On failure nothing else is called.
  /// `completions` is valid until Deactivate returns.
  virtual Result<Activation> Activate(Completions& completions) = 0;

  /// Hands over one event.
  virtual Outcome Deliver(const DeliveredEvent& event) = 0;

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
