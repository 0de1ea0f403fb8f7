#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/verify.h"
#include "eventlog/writer.h"
#include "session/session_table.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_directory.h"

namespace broker::testing {

/// An event as it was delivered.
struct Delivered {
  Seq seq = 0;
  std::string line;
  bool unlogged = false;
};

/// A log on a disk on which things go wrong, and all that was delivered from it, over any number of
/// writers. Below the faults the disk can lose power.
class FaultyLog : public ::testing::Test {
 protected:
  FaultyLog();
  ~FaultyLog() override;

  /// A writer on what the last one left; it must open.
  void Open();
  /// The same, where it may not.
  Status TryOpen();
  /// Ends the writer as an orderly stop does; false when the disk does not answer.
  bool Close(std::chrono::milliseconds patience = std::chrono::seconds(20));
  /// The writer is gone from one moment to the next; what it gave to the kernel stays.
  void Kill();
  /// The same, and what was not synced is gone, too.
  void KillAndLosePower();

  /// Appends a batch of so many locks and unlocks, and lets the writer go on once.
  void Append(int count);
  /// Lets the writer go on once.
  void Advance();
  /// Lets it go on until `condition` holds.
  template <class Condition>
  bool AdvanceUntil(Condition condition);
  /// Lets it go on until every event is delivered and on the disk, and no trouble is left.
  [[nodiscard]] bool Settle();

  [[nodiscard]] LogHealth Health() const { return writer_->Health(); }
  /// How many events were delivered flagged UNLOGGED.
  [[nodiscard]] size_t Unlogged() const;
  /// The numbers in the log, in order.
  [[nodiscard]] std::vector<Seq> Logged();
  /// What the log.gap events name as missing: "from-to: reason".
  [[nodiscard]] std::vector<std::string> Gaps();
  [[nodiscard]] std::vector<std::string> Segments();
  [[nodiscard]] std::string PathOf(const std::string& name) const { return log_ + "/" + name; }
  [[nodiscard]] LogVerification Verify();

  /// Verify finds nothing, no event is in the log twice, each stands there as it was delivered, and
  /// what was delivered as logged is there: all of it, or, after a loss that `lost_logged_` allows,
  /// what a log.gap does not name. Retention may have removed the oldest.
  void ExpectWhole();
  /// What the next writer makes of the sessions is what the log's events amount to.
  void ExpectSessions();

  TempDirectory directory_;
  const std::string root_ = directory_ / "disk";
  const std::string shadow_ = directory_ / "shadow";
  const std::string log_ = root_ + "/log";
  FaultScript script_;
  std::unique_ptr<FileSystem> files_;
  LogOptions options_;
  Machine machine_{"0123456789abcdef0123456789abcdef", "11111111111111111111111111111111"};
  std::unique_ptr<LogWriter> writer_;
  LogRecovery recovery_;
  std::vector<Delivered> delivered_;
  int64_t now_us_ = 1'700'000'000'000'000;  ///< When the next event happens.
  bool lost_logged_ = false;
  std::string found_;  ///< What Verify complained about, a line each.

 private:
  void MakeFiles();
  void Deliver(const Batch& batch);
  [[nodiscard]] Event NextEvent();
  [[nodiscard]] bool IsNamedMissing(Seq seq, const std::vector<Event>& events) const;
  std::vector<std::pair<Event, std::string>> ReadAll();

  SessionTable table_;  ///< As of what was delivered.
  int events_ = 0;
  bool locked_ = false;
};

template <class Condition>
bool FaultyLog::AdvanceUntil(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    Advance();
  }
  return true;
}

}  // namespace broker::testing
