#include "daemon/system_delay.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "dispatch/hub.h"
#include "event/detail_number.h"
#include "event/mutex.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What is left for the disk once the plugins have had their time.
constexpr microseconds kReserve{500'000};
constexpr milliseconds kSyncLimit{400};
// How often it is looked whether a plugin is done; for the few seconds at most of one sleep.
constexpr milliseconds kLook{5};

}  // namespace

/// A sleep or shutdown that the machine waits with.
struct SystemDelay::Departure {
  EventType type = EventType::kSystemSuspending;
  Seq seq = 0;
  int64_t reported_us = 0;
  microseconds limit{0};  ///< How long the plugins have, from the report on.
};

/// The last departure that the signals told of, until the machine is back. Thread-safe.
///
/// A batch's signals come type by type, so what happened last is not what is told last.
class SystemDelay::Departures {
 public:
  void Note(const Event& event) {
    const microseconds delay(NumberIn(event, "delay_us"));
    if (event.origin != Origin::kOs || delay <= microseconds(0)) return;
    const MutexLock lock(mutex_);
    if (event.seq < told_) return;
    told_ = event.seq;
    next_ = Departure{event.type, event.seq, event.time.monotonic_us,
                      delay - std::min(kReserve, delay / 2)};
    last_ = event.seq;
    changed_.NotifyAll();
  }

  void NoteReturn(const Event& event) {
    if (event.origin != Origin::kOs) return;
    const MutexLock lock(mutex_);
    if (event.seq < told_) return;
    told_ = event.seq;
    next_.reset();
    last_ = 0;
    changed_.NotifyAll();
  }

  void Stop() {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }

  /// Waits for one; nullopt after Stop.
  std::optional<Departure> Take() {
    const MutexLock lock(mutex_);
    while (!next_ && !stopping_) changed_.Wait(mutex_);
    if (stopping_) return std::nullopt;
    return std::exchange(next_, std::nullopt);
  }

  /// Waits a moment; false when this one is not waited for any longer.
  bool Wait(const Departure& departure, steady_clock::time_point until) {
    const MutexLock lock(mutex_);
    while (IsLast(departure) && changed_.WaitUntil(mutex_, until)) {
    }
    return IsLast(departure);
  }

 private:
  [[nodiscard]] bool IsLast(const Departure& departure) const USHER_REQUIRES(mutex_) {
    return last_ == departure.seq && !stopping_;
  }

  Mutex mutex_;
  Condition changed_;
  std::optional<Departure> next_ USHER_GUARDED_BY(mutex_);
  Seq last_ USHER_GUARDED_BY(mutex_) = 0;  ///< The departure at hand; 0 = none.
  Seq told_ USHER_GUARDED_BY(mutex_) = 0;  ///< The last of all departures and returns.
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
};

SystemDelay::SystemDelay(Parts parts)
    : parts_(std::move(parts)), departures_(std::make_shared<Departures>()) {
  const auto connect = [this](EventType type, auto slot) {
    parts_.hub.OnEvents(type).connect(Hub::EventSignal::slot_type(slot).track_foreign(departures_));
  };
  // Tracked: as long as a slot runs, what it refers to is there.
  const auto note = [departures =
                         departures_.get()](std::span<const Event* const> events) noexcept {
    for (const Event* event : events) departures->Note(*event);
  };
  const auto note_return = [departures =
                                departures_.get()](std::span<const Event* const> events) noexcept {
    for (const Event* event : events) departures->NoteReturn(*event);
  };
  connect(EventType::kSystemSuspending, note);
  connect(EventType::kSystemShuttingDown, note);
  connect(EventType::kSystemResumed, note_return);
  thread_ = std::thread([this] { Run(); });
}

SystemDelay::~SystemDelay() {
  departures_->Stop();
  thread_.join();
}

void SystemDelay::Run() {
  while (const auto departure = departures_->Take()) SeeOff(*departure);
}

void SystemDelay::SeeOff(const Departure& departure) {
  const std::vector<PluginStatus> late = WaitUntilDone(departure);
  if (!departures_->Wait(departure, steady_clock::now())) return;
  for (const PluginStatus& plugin : late) TellOverdue(plugin, departure);
  if (!parts_.sync(kSyncLimit)) {
    parts_.diagnostics.Log(Severity::kWarning, "eventlog",
                           "the disk did not take the last events before " +
                               std::string(Name(departure.type)) + " in time");
  }
  parts_.source.EndDelay(departure.reported_us);
}

/// Answers who is not done.
std::vector<PluginStatus> SystemDelay::WaitUntilDone(const Departure& departure) {
  const microseconds passed(parts_.source.SourceClock().Now().monotonic_us - departure.reported_us);
  const auto end = steady_clock::now() + departure.limit - passed;
  std::vector<PluginStatus> owing = parts_.owing(departure.type, departure.seq);
  while (!owing.empty() && steady_clock::now() < end &&
         departures_->Wait(departure, std::min(end, steady_clock::now() + kLook))) {
    owing = parts_.owing(departure.type, departure.seq);
  }
  return owing;
}

void SystemDelay::TellOverdue(const PluginStatus& plugin, const Departure& departure) {
  const auto limit = std::chrono::duration_cast<milliseconds>(departure.limit);
  Event event = MakeBrokerEvent(EventType::kPluginOverdue, parts_.source.SourceClock().Now(),
                                {{"instance", plugin.instance},
                                 {"id", plugin.id},
                                 {"version", plugin.version},
                                 {"call", "on_event"},
                                 {"deadline_ms", std::to_string(limit.count())}});
  event.cause = departure.seq;
  event.chain = 1;
  event.reason = Name(departure.type);
  parts_.announcer.Announce(std::move(event));
}

}  // namespace broker
