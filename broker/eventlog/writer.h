#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/event.h"
#include "event/machine.h"
#include "event/status.h"
#include "eventlog/batch.h"
#include "eventlog/event_ring.h"
#include "eventlog/file_system.h"
#include "session/session_table.h"

namespace broker {

/// When an event may be delivered, and when the log is synced.
enum class SyncMode : int32_t {
  kAlways = 0,  ///< Delivered once it is on the disk.
  kInterval,    ///< Delivered once the kernel has it; synced every so often.
  kNever,       ///< The same; synced when a segment is closed, and at the end.
};

struct LogOptions {
  std::string directory;
  uint64_t segment_bytes = 16ULL << 20U;  ///< A segment is closed before it grows beyond this.
  uint64_t total_bytes = 1ULL << 30U;     ///< Oldest segments go when all have more than this.
  SyncMode sync = SyncMode::kAlways;
  std::chrono::microseconds sync_interval{1'000'000};  ///< kInterval.
  int64_t segment_age_us = 0;     ///< A segment this old is closed by the next event; 0 = none.
  int64_t total_age_us = 0;       ///< Segments this much older than the newest event go; 0 = none.
  size_t ring_bytes = 4U << 20U;  ///< Events kept in memory.
  std::chrono::milliseconds slow_sync{2000};  ///< A sync longer than this is not waited for.
  std::chrono::milliseconds retry{500};       ///< How long after a failure it is tried again.
  std::chrono::milliseconds look{500};  ///< How often it is seen to the reserved numbers' file.
};

/// What the writer found in the directory when it was opened.
struct LogRecovery {
  SessionSnapshot sessions;       ///< The fold of the last segment.
  std::string boot_id;            ///< The last segment's boot; empty for a new log.
  int64_t last_time_us = 0;       ///< UTC time of the last event; 0 for a new log.
  bool clean_end = false;         ///< No broker.started came behind the last broker.stopping.
  uint64_t torn_bytes = 0;        ///< Bytes of an incomplete last line that were cut off.
  std::string torn_file;          ///< The segment they were cut from.
  uint64_t damaged_lines = 0;     ///< Damaged lines skipped inside the last segment.
  bool reservation_lost = false;  ///< Which numbers were reserved is not known: many are skipped.
};

/// How the log is doing; a copy.
struct LogHealth {
  Seq last_seq = 0;        ///< The last number given.
  Seq synced_seq = 0;      ///< What is known to be on the disk.
  uint64_t unwritten = 0;  ///< Events in memory only.
  uint64_t lost = 0;       ///< Events given up since the broker started; each is in a log.gap.
  bool degraded = false;   ///< Events are delivered that are not on the disk.
  std::string trouble;     ///< Why, a sentence; empty if not degraded.
  std::string unreserved;  ///< Why no numbers can be reserved, a sentence; empty if they can.
  std::string untrimmed;   ///< Why more is kept than may be, a sentence; empty if it is not.
};

/// Appends events to the log: numbers and encodes them, writes and syncs them a batch at a time,
/// and says which may be delivered. FORMAT.md describes the files; format.h has its constants. It
/// takes no lock: that no second writer is at work on the directory is the caller's to see to.
///
/// Numbers are final. Events that cannot be written stay in the ring and are delivered all the
/// same, flagged by EventRing::Logged; they are written in their order when that is possible again.
/// What the ring must drop is recorded by one log.gap {from, to, reason}.
///
/// Not thread-safe; call from the pipeline thread. Syncs, and with kAlways writes, happen on a
/// thread of its own, so no call waits for them, Close excepted.
class LogWriter {
 public:
  using Sessions = std::function<SessionSnapshot()>;

  /// Opens or creates the log, cuts a torn tail, and starts a segment where the boot changed.
  /// `files` must outlive the writer, and where Close failed, the process. `recovery` is set on
  /// success. Fails when the directory cannot be made, read or written, and with kInvalid when a
  /// newer version wrote the log. A full disk is no failure: the log begins degraded.
  static Result<std::unique_ptr<LogWriter>> Open(FileSystem& files, LogOptions options,
                                                 const Machine& machine, LogRecovery& recovery);
  ~LogWriter();

  /// `on_news` is called on another thread when Advance has something to return; it must be
  /// noexcept. To be set before the first Advance, and valid until Close has returned true.
  void CallOnNews(std::function<void()> on_news);

  /// What to collect many events in before they are appended: empty, with room in memory that an
  /// old batch has left behind, if there is any.
  [[nodiscard]] std::vector<Event> Room();

  /// As many events as a batch should have at most: a segment has it whole, and is to be not much
  /// larger than it may be.
  [[nodiscard]] size_t MostEvents() const;

  /// Numbers the events in order and takes them, to be written by Advance.
  void Append(std::vector<Event> events);

  /// Writes what waits, begins a sync where one is due, and returns the batches that may be
  /// delivered now, in order, each once. `sessions` answers the table before the first of those
  /// that it has not returned yet; asked only when a segment begins, or writing fails.
  std::vector<BatchRef> Advance(const Sessions& sessions);

  /// Has what was appended until now synced as soon as possible, whatever the mode is.
  void SyncSoon();

  /// Whether no more events should be appended before the next Advance has returned something: the
  /// disk is behind, and what does not fit into the ring would be lost.
  [[nodiscard]] bool Full() const;

  /// When to call Advance again though nothing happens; TimePoint::max() = need not be.
  [[nodiscard]] std::chrono::steady_clock::time_point Deadline() const;

  /// Syncs what was written, and notes that this end is a clean one. False when the disk did not
  /// answer until `deadline`: its thread is still at it. Events that are still unwritten are given
  /// up; the next start records them as missing. `sessions` as for Advance; without it a segment
  /// that must begin now shows none. Only the destructor may follow.
  bool Close(std::chrono::steady_clock::time_point deadline, const Sessions& sessions = {});

  /// Frees the batches up to `through`, as far as they are on the disk: nobody will read them from
  /// the ring any more. What Room could hand out is freed, too.
  void Forget(Seq through);

  [[nodiscard]] LogHealth Health() const;

  /// A sentence where Advance hangs in a write and delivers nothing meanwhile, as it may unless
  /// `sync` is kAlways; else empty. Any thread may ask.
  [[nodiscard]] std::string Stalled() const;
  /// UTC microseconds, since when the write that is at work is; 0: there is none. From any thread.
  [[nodiscard]] int64_t StalledSince() const;

  /// The last number given; 0 for none.
  [[nodiscard]] Seq LastSeq() const;

  /// The last batches. Lives as long as the writer.
  [[nodiscard]] const EventRing& Ring() const;

 private:
  class Impl;
  explicit LogWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace broker
