#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/cursor_store.h"
#include "dispatch/hub.h"
#include "dispatch/open_events.h"
#include "event/mutex.h"
#include "eventlog/event_ring.h"
#include "plugin_host/instance.h"
#include "sdk/check/finding.h"
#include "sdk/check/memory_files.h"
#include "sdk/check/probe.h"
#include "session/committed_sessions.h"

namespace broker::check {

/// What makes one instance differ from another. A value.
struct SubjectOptions {
  std::string name = "checked";
  ProbeOptions probe;
  std::vector<std::string> denied;             ///< Extensions that the host does not hand out.
  std::vector<SessionRef> sessions;            ///< Those there are from the start.
  std::chrono::milliseconds patience{10'000};  ///< For events left open, or asked for again.
};

/// How an event comes.
struct Arrival {
  bool redelivered = false;
  bool unlogged = false;
};

/// One instance of the plugin under check: the broker's own Instance and Host, with all they lean
/// on made for the occasion. Its files are in memory, its clock is that of the events, and what is
/// committed are the events that it was given.
///
/// Used from one thread, the instance's, but for Complete and what the plugin's own threads call.
class Subject final : private Completions,
                      private Diagnostics,
                      private Announcer,
                      private Clock,
                      private MisuseWatch {
 public:
  Subject(std::shared_ptr<const Library> library, PluginInfo info, const PluginSettings& settings,
          CallNote& note, SubjectOptions options);
  ~Subject() override;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  /// create, init, on_snapshot. Answers what went wrong.
  Status Activate();

  /// Hands over one event, once; kPending: it is open now; kFailed: see Why().
  Outcome Offer(const Event& event, Arrival arrival = {});

  /// The same, and sees it through: again while it asks for that, waiting while too many are open.
  /// Throws a Finding where the event failed, or nothing came of it in time.
  void Deliver(const Event& event, Arrival arrival = {});

  /// Waits until no event is open any more; throws a Finding where one failed, or stays open.
  void Settle();

  /// A new snapshot, as after events that were skipped. Throws a Finding.
  void ShowSnapshot();

  /// stop and destroy; does nothing for one that is not active. Throws a Finding.
  void Deactivate();

  /// The files that it stores its values in.
  [[nodiscard]] MemoryFiles& Files() { return files_; }
  [[nodiscard]] const ProbeCounts& Counts() const { return probe_->Counts(); }
  [[nodiscard]] const Probe& GetProbe() const { return *probe_; }
  /// What the last failure was.
  [[nodiscard]] std::string Why() const { return instance_.GetStatus().last_error; }
  /// What it did that the interface forbids.
  [[nodiscard]] std::vector<std::string> Misuses() const;
  /// What it put into the log: lines, bytes.
  [[nodiscard]] uint64_t LogLines() const { return log_lines_; }
  [[nodiscard]] uint64_t LogBytes() const { return log_bytes_; }
  /// How many events are open.
  [[nodiscard]] size_t Open() const { return open_count_; }

 private:
  bool Complete(Seq seq, Status how) noexcept override;
  void Wake() noexcept override;
  void Log(Severity severity, std::string_view component, std::string_view text) noexcept override;
  void Announce(Event event) noexcept override;
  [[nodiscard]] Timestamp Now() const noexcept override;
  void Misused(std::string_view what) noexcept override;

  void TakeEnded();
  void WaitUntilOpen(size_t most);
  /// Throws the last failure; it does not count any more.
  [[noreturn]] void SayWhy(const std::string& what);

  const SubjectOptions options_;
  MemoryFiles files_;
  Hub hub_;
  EventRing ring_;
  const CursorStore cursors_;
  const std::unique_ptr<Runner> runner_;
  const std::unique_ptr<Launcher> launcher_;
  const std::unique_ptr<SessionActor> actor_;
  CommittedSessions sessions_;
  const std::shared_ptr<Probe> probe_;
  Instance instance_;
  OpenEvents open_;
  size_t open_count_ = 0;
  std::string line_;
  bool active_ = false;

  std::atomic<int64_t> realtime_us_;
  std::atomic<int64_t> monotonic_us_;
  std::atomic<int64_t> forgiven_us_ = 0;  ///< How far the instance's clock is ahead of the events'.
  std::atomic<uint64_t> log_lines_ = 0;
  std::atomic<uint64_t> log_bytes_ = 0;

  mutable Mutex mutex_;
  Condition completed_;
  std::vector<std::string> misuses_ USHER_GUARDED_BY(mutex_);
  uint64_t completions_ USHER_GUARDED_BY(mutex_) = 0;
};

}  // namespace broker::check
