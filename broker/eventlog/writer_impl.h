#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventlog/codec.h"
#include "eventlog/event_encoder.h"
#include "eventlog/gaps.h"
#include "eventlog/recovery.h"
#include "eventlog/reservation.h"
#include "eventlog/segment_set.h"
#include "eventlog/sync_thread.h"
#include "eventlog/writer.h"

namespace broker {

/// How many blocks of numbers are reserved at once, and how many numbers are thus ever reserved
/// ahead.
inline constexpr Seq kMostBlocks = 16;
inline constexpr Seq kMostReserved = (kMostBlocks + 1) * Reservation::kBlock;

/// How a LogWriter works. Its functions are in four files: writer_open.cc, how it begins;
/// writer_disk.cc, how batches are written; writer_sync.cc, what the disk's thread does;
/// writer.cc, the rest.
class LogWriter::Impl {
 public:
  Impl(FileSystem& files, LogOptions options, Machine machine);

  Status Open(LogRecovery& recovery);
  void CallOnNews(std::function<void()> on_news) { sync_.CallWhenDone(std::move(on_news)); }
  [[nodiscard]] std::vector<Event> Room() { return pool_->TakeEvents(); }
  [[nodiscard]] size_t MostEvents() const;
  void Append(std::vector<Event> events);
  std::vector<BatchRef> Advance(const Sessions& sessions);
  void SyncSoon() { sync_soon_ = numbered_; }
  [[nodiscard]] bool Full() const;
  [[nodiscard]] std::chrono::steady_clock::time_point Deadline() const;
  bool Close(std::chrono::steady_clock::time_point deadline, const Sessions& known);
  void Forget(Seq through);
  [[nodiscard]] LogHealth Health() const;
  [[nodiscard]] std::string Stalled() const;
  [[nodiscard]] int64_t StalledSince() const;
  [[nodiscard]] Seq LastSeq() const { return numbered_; }
  [[nodiscard]] const EventRing& Ring() const { return ring_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// What the disk's thread is to write, with `always`.
  struct Writing {
    std::optional<SegmentHeader> header;  ///< A segment is begun first.
    std::vector<BatchRef> batches;
    std::vector<std::string> texts;  ///< Theirs: they may be delivered while it is at them.

    [[nodiscard]] bool Empty() const { return batches.empty(); }
  };
  /// What the disk's thread is at, and what came of it. Segments that it writes to are its own
  /// until it is done.
  struct Syncing {
    struct Outcome {
      bool begun = false;  ///< The new segment.
      Status written;
      Seq written_through = 0;
      Status synced;
      std::optional<Status> trimmed;  ///< Nothing where it was not done.
      Status reserved;
    };
    std::vector<BatchRef> batches;  ///< To be written.
    size_t applied = 0;             ///< So many of them are in behind_.
    Seq through = 0;                ///< What is on the disk once it is done; of `batches`, more.
    Seq reserve = 0;                ///< What is reserved then; 0 = it was not seen to.
    std::shared_ptr<Outcome> outcome;
  };
  /// What the disk's thread is to do. It may never come to its end: it shares what it needs.
  struct Job {
    FileSystem& files;
    std::string directory;
    Reservation reservation;
    std::shared_ptr<SegmentSet> segments;
    Writing writing;
    SyncWork work = {};  ///< Of what is written already.
    bool indexes = false;
    Seq reserve = 0;       ///< The end of the numbers to be reserved; 0: they are not seen to.
    bool is_look = false;  ///< They are reserved, as far as is known.
    std::shared_ptr<Syncing::Outcome> outcome = std::make_shared<Syncing::Outcome>();

    [[nodiscard]] bool Empty() const { return writing.Empty() && work.Empty() && reserve == 0; }
    void operator()();

   private:
    void Write();
  };

  void RemoveLeftovers(const std::vector<ClosedSegment>& closed);
  void PassOverStrays();
  Status ContinueOrStart(LogEnd end, const SessionSnapshot& sessions);
  [[nodiscard]] SegmentHeader HeaderOf(Seq first, int64_t created_us,
                                       SessionSnapshot sessions) const;
  Status StartNumbers(const LogEnd& end, LogRecovery& recovery);
  [[nodiscard]] bool Always() const { return options_.sync == SyncMode::kAlways; }
  [[nodiscard]] bool Overdue() const;
  [[nodiscard]] bool Degraded() const { return !trouble_.empty() || Overdue(); }
  [[nodiscard]] bool MayWrite() const;
  [[nodiscard]] Seq Deliverable(bool degraded) const;
  [[nodiscard]] std::string NoAnswerSince(TimePoint since) const;

  [[nodiscard]] std::vector<Event> TakeGaps(Timestamp time);
  void Number(std::vector<Event> events);
  void WriteSelf(const Sessions& sessions);
  void Write(const Sessions& sessions);
  Status WriteBatch(const Batch& batch, const Sessions& sessions);
  Status BeginSegment(const Batch& batch, const Sessions& sessions);
  [[nodiscard]] SegmentHeader HeaderBefore(const Batch& batch, const Sessions& sessions) const;
  [[nodiscard]] Writing ToWrite(const Sessions& sessions);
  void LeaveHalfWritten(Seq first);
  void Repair();
  [[nodiscard]] Seq LastIntact() const;
  void RecordGaps();
  void Fail(const Status& trouble, const Sessions& sessions, std::chrono::milliseconds retry);
  void KeepSessions(const Sessions& sessions);
  void Apply(const Batch& batch);

  void BeginSync(bool at_once, const Sessions& sessions);
  [[nodiscard]] bool SyncIsDue() const;
  [[nodiscard]] Seq ToReserve() const;
  [[nodiscard]] Seq MoreToReserve() const;
  [[nodiscard]] bool LookIsDue() const;
  void NoteLook(Seq reserve);
  void NoteReserved(const Status& reserved, Seq end);
  void FinishSync(const Sessions& sessions);
  void TakeWritten(Syncing& done);
  void NoteDurable(Seq through);
  void ApplyOf(Syncing& job, Seq through);
  void NoteRecovery();

  void TrimRing();
  [[nodiscard]] Seq Taken() const;
  void GiveUp(const Batch& batch);
  void GiveUpUnsynced();
  std::vector<BatchRef> TakeDeliverable(bool degraded);

  FileSystem& files_;
  const LogOptions options_;
  const Machine machine_;
  const std::shared_ptr<const std::string> boot_id_;
  std::string log_id_;
  const Reservation reservation_;
  const std::shared_ptr<SegmentSet> segments_;  ///< Shared with a job that may never end.
  EventRing ring_;

  // How far the events have come; a batch is never beyond one of these in part.
  Seq numbered_ = 0;                        ///< Numbers given.
  Seq written_ = 0;                         ///< Handed to the kernel, or given up.
  Seq synced_ = 0;                          ///< On the disk, or given up.
  Seq durable_ = 0;                         ///< The last event that is known to be on the disk.
  Seq delivered_ = 0;                       ///< Returned by Advance.
  Seq sync_soon_ = 0;                       ///< Somebody waits until it is synced.
  Seq reserved_ = 0;                        ///< Numbers below this one may be given.
  TimePoint reserve_at_;                    ///< Not before this are more of them reserved.
  TimePoint last_reserve_;                  ///< When that was done last…
  Seq reserve_step_ = Reservation::kBlock;  ///< …and how many they were.
  TimePoint last_look_ = std::chrono::steady_clock::now();  ///< At what is reserved…
  Seq looked_at_ = 0;          ///< …and which numbers were given then.
  bool must_look_ = false;     ///< Somebody may have changed the log.
  size_t line_bytes_ = 0;      ///< What an event took, on average, of the last batch.
  size_t waiting_bytes_ = 0;   ///< Of what is not delivered yet.
  size_t unsynced_bytes_ = 0;  ///< Written since a sync of it all was begun.
  Timestamp last_time_;
  EventEncoder encoder_;
  const std::shared_ptr<BatchPool> pool_ = std::make_shared<BatchPool>();
  std::deque<std::shared_ptr<Batch>> undelivered_;  ///< The ring's last ones.

  Gaps gaps_;
  /// Where the next segment begins at the latest: from there on older ones do not count.
  Seq begin_at_ = std::numeric_limits<Seq>::max();
  uint64_t lost_ = 0;
  std::string trouble_;
  std::string unreserved_;
  std::string untrimmed_;
  std::atomic<TimePoint> writing_since_ = TimePoint();  ///< While Write is at work.
  TimePoint retry_at_;
  /// While in trouble: the sessions as of written_. Those of the pipeline are ahead of it.
  std::optional<SessionTable> behind_;

  std::optional<Syncing> syncing_;
  TimePoint last_sync_ = std::chrono::steady_clock::now();
  std::string lines_;  ///< Room for what is written later than delivered.
  SyncThread sync_;    ///< Last: its thread ends first.
};

}  // namespace broker
