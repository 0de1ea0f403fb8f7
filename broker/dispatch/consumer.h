#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/clock.h"
#include "event/event.h"
#include "event/event_type.h"
#include "event/mutex.h"
#include "event/status.h"

namespace broker {

/// What an instance wants once it is up.
struct Activation {
  std::vector<EventType> types;  ///< The events to deliver.
  Seq as_of = 0;                 ///< The last event that its snapshot includes.
};

struct Batch;

/// One event as a lane hands it over. Valid during the call; who needs it longer copies it.
struct DeliveredEvent {
  const Event& event;
  std::string_view line;       ///< As it stands in the log, without the newline; a NUL follows.
  const std::string& boot_id;  ///< The boot that event.time.monotonic_us counts in.
  bool redelivered = false;    ///< It may have been seen before a crash.
  bool unlogged = false;       ///< It is not on the disk yet.
  Condition::TimePoint at = CoarseNow();  ///< When it is handed over.
  const Batch* batch = nullptr;           ///< The one it is in; null: it was read from a file.
};

/// What became of an event.
enum class Outcome : int32_t {
  kDone = 0,  ///< Acknowledged, or of no concern.
  kFailed,    ///< It is skipped; the consumer has counted the strike.
  kPending,   ///< Completions::Complete will end it.
  kRetry,     ///< Deliver it again, later events wait.
};

/// Where a consumer ends the events that it answered with kPending.
class Completions {
 public:
  virtual ~Completions() = default;

  /// Ends an event, well or because it failed; it may come before Deliver has returned. The lane
  /// hands a failure to Consumer::Failed. False: the event is not open, or was ended before. Any
  /// thread, until Deactivate returns.
  virtual bool Complete(Seq seq, Status how) noexcept = 0;

  /// Has the consumer tended soon. Any thread, until Deactivate returns.
  virtual void Wake() noexcept {}
};

/// What a lane drives: one plugin instance. Every call comes from the lane's worker thread, one at
/// a time, in the order Activate, (Skipped, Deliver, Failed, Troubled, Tend)…, Deactivate.
class Consumer {
 public:
  virtual ~Consumer() = default;

  /// Brings the instance up, its snapshot included. On failure nothing else is called.
  /// `completions` outlives the Deactivate.
  virtual Result<Activation> Activate(Completions& completions) = 0;

  /// Hands over one event.
  virtual Outcome Deliver(const DeliveredEvent& event) = 0;

  /// An event that was answered kPending or kRetry failed after all and is skipped: count the
  /// strike. `chain` is the event's. May still come right after Deactivate.
  virtual void Failed(Seq seq, uint32_t chain, const Status& why) = 0;

  /// Why an event that may have been delivered before must not be delivered again; null where it
  /// may.
  [[nodiscard]] virtual const char* ReasonToSkip(Seq /*seq*/) const { return nullptr; }

  /// The instance will not see the events `from` to `to`; `reason` says why ("boot", "age", …).
  virtual void Skipped(Seq from, Seq to, const std::string& reason) = 0;

  /// The lane itself has trouble: the log cannot be read, the cursor not be saved. It goes on
  /// trying.
  virtual void Troubled(const Status& trouble) = 0;

  /// Does what is due by itself; answers when it wants to be called again, TimePoint::max() for not
  /// before something else was. Called now and then, and whenever the lane begins to wait.
  virtual Condition::TimePoint Tend() = 0;

  /// Whether it wants no more events (quarantined); asked after each Deliver and Failed.
  [[nodiscard]] virtual bool Exhausted() const = 0;

  /// Takes the instance down.
  virtual void Deactivate() noexcept = 0;
};

}  // namespace broker
