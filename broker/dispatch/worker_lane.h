#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dispatch/catch_up.h"
#include "dispatch/delivery.h"
#include "dispatch/hub.h"
#include "dispatch/inbox.h"
#include "dispatch/lane.h"
#include "dispatch/skip_watch.h"
#include "event/mutex.h"

namespace broker {

/// The lane with its worker thread. See Lane.
class WorkerLane final : public Lane, private Completions {
 public:
  WorkerLane(LaneOptions options, Consumer& consumer, const Parts& parts);
  ~WorkerLane() override;

  Status Activate(std::chrono::milliseconds timeout) override;
  bool Stop(std::chrono::milliseconds timeout) override;
  void Abandon() noexcept override;
  [[nodiscard]] LaneProgress Progress() const override;
  [[nodiscard]] bool Owes(EventType type, Seq seq) const override;
  [[nodiscard]] std::optional<LaneEnd> End() const override;

 private:
  enum class Phase { kNew, kActivating, kRunning, kFinished };

  // The worker thread.
  void Run() noexcept;
  bool BringUp();
  void Connect(boost::signals2::connection connection);
  void ConnectTypes(const std::vector<EventType>& types);
  [[nodiscard]] Seq StartCursor(Seq as_of);
  void Skip(Seq from, Seq to, const std::string& reason);
  void Work();
  void Walk(Inbox::Range range);
  [[nodiscard]] bool WasFinished(Seq seq) const;
  [[nodiscard]] LaneEnd EndNow() const;
  [[nodiscard]] bool StartsFromFiles(Seq next, Seq last) const;
  Seq ReadRing(const Batch& batch, Seq next, Seq last);
  Seq ReadFiles(Seq next, Seq last);
  bool Deliver(const Event& event, std::string_view line, const std::string& boot_id,
               const Batch* batch = nullptr);
  bool WaitUntilReady();
  [[nodiscard]] bool Ended() const { return inbox_.Stopped() || consumer_.Exhausted(); }
  bool Complete(Seq seq, Status how) noexcept override;
  void Wake() noexcept override { inbox_.Nudge(); }
  /// All events up to here are finished, those included that the consumer does not want.
  [[nodiscard]] Seq Finished() const;
  void SaveCursor(bool at_once);
  /// Saves the cursor for good. What comes from now on passes a quarantined instance by, also once
  /// it is active again.
  void CloseCursor();
  [[nodiscard]] Condition::TimePoint SaveDeadline() const;
  [[nodiscard]] Condition::TimePoint WakeTime();
  void SetPhase(Phase phase, Status outcome);

  const LaneOptions options_;
  Consumer& consumer_;
  const Parts parts_;
  const CursorClaim claim_;

  Inbox inbox_;
  Delivery delivery_;
  SkipWatch skips_;
  const Seq redelivered_through_;
  std::atomic<Seq> handed_over_ = 0;  ///< The consumer had everything up to here that it wants.

  mutable Mutex mutex_;
  Condition phase_changed_;
  Phase phase_ USHER_GUARDED_BY(mutex_) = Phase::kNew;
  Status outcome_ USHER_GUARDED_BY(mutex_);
  bool abandoned_ USHER_GUARDED_BY(mutex_) = false;
  std::vector<boost::signals2::scoped_connection> connections_ USHER_GUARDED_BY(mutex_);

  std::thread worker_;  ///< Started by Activate, joined or detached by Stop.

  // Owned by the worker thread.
  std::array<bool, static_cast<size_t>(EventType::kCount)>
      wanted_{};  ///< For others, too, while it runs.
  std::optional<CatchUp> catch_up_;
  StartLimits start_limits_;
  Seq begin_ = 0;  ///< The cursor at the start.
  Seq saved_ = 0;
  Condition::TimePoint next_save_;
  Condition::TimePoint now_;    ///< CoarseNow, since the last that could take time.
  std::optional<LaneEnd> end_;  ///< Read by others once the worker was joined.
};

}  // namespace broker
