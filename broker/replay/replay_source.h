#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "event/diagnostics.h"
#include "event/mutex.h"
#include "replay/recorded_clock.h"
#include "replay/recording.h"
#include "replay/replayer.h"
#include "settings/settings.h"
#include "source/source.h"

namespace broker {

/// Plays a recorded log, on a thread of its own: the first snapshot is the table that the recording
/// begins with, then each event comes in its time, and kEnd behind the last, with a
/// reason where something of the recording is missing. It never reports
/// faster than is taken. Machine and boot are the recording's, the first boot's if it has several;
/// see Timeline and Replayer.
class ReplaySource final : public Source {
 public:
  /// `speed`: 1 = as it happened, 10 = ten times as fast, 0 = at once. `files` is what `recording`
  /// was opened with. `diagnostics` must outlive this.
  ReplaySource(std::unique_ptr<FileSystem> files, std::unique_ptr<Recording> recording,
               double speed, Diagnostics& diagnostics);
  ~ReplaySource() override;

  Status Start(RawSink& sink) override;
  void Stop() noexcept override;
  void RequestSnapshot() noexcept override;
  void ListenersReady() noexcept override;
  [[nodiscard]] std::string BootId() const override { return recording_->Beginning().boot_id; }
  [[nodiscard]] std::string MachineId() const override {
    return recording_->Beginning().machine_id;
  }
  [[nodiscard]] std::string Name() const override { return "replay"; }
  [[nodiscard]] SourceCapabilities Capabilities() const override;
  [[nodiscard]] const Clock& SourceClock() const override { return clock_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Play(RawSink& sink);
  void PlayAll(RawSink& sink);
  /// Each waits, and answers whether to go on; false if it is time to stop.
  bool WaitToBegin(RawSink& sink);
  bool WaitUntilDue(Timestamp time, RawSink& sink);
  bool Wait(TimePoint until, RawSink& sink);
  bool Submit(RawEvent raw, RawSink& sink);

  /// The recording's next event; nullptr at its end, or where it cannot be read any further.
  const StoredEvent* NextEvent();
  /// The last report, and why it comes too soon or with gaps, if it does.
  [[nodiscard]] RawEvent End() const;
  [[nodiscard]] RawEvent SnapshotNow(std::string reason) const;
  [[nodiscard]] bool Stopping() const;
  bool TakeSnapshotRequest();

  const std::unique_ptr<FileSystem> files_;
  const std::unique_ptr<Recording> recording_;
  const double speed_;
  Diagnostics& diagnostics_;
  RecordedClock clock_;
  std::thread thread_;

  // The playing thread's only, once it runs.
  Replayer replayer_;
  TimePoint begun_at_;
  Timestamp last_;
  double played_us_ = 0;  ///< Of the recording.
  bool cut_off_ = false;  ///< It could not be read any further.

  mutable Mutex mutex_;
  Condition changed_;
  bool begun_ USHER_GUARDED_BY(mutex_) = false;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
  bool snapshot_wanted_ USHER_GUARDED_BY(mutex_) = false;
};

/// The source that plays `settings.source.recording`, which must not be the log that `settings`
/// has the broker write. `diagnostics` must outlive it.
Result<std::unique_ptr<Source>> MakeReplaySource(const Settings& settings,
                                                 Diagnostics& diagnostics);

}  // namespace broker
