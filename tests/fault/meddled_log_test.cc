// What somebody else does to the files beside the segments while the log is written.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventlog/reservation.h"
#include "tests/fault/faulty_log.h"

namespace broker::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class AMeddledLog : public FaultyLog {
 protected:
  void Begin() {
    Open();
    for (int i = 0; i < 6; ++i) Append(1);
    ASSERT_TRUE(Settle());
  }

  /// At one blow: what the disk's thread makes meanwhile would be in a slower one's way.
  void RemoveLog() {
    fs::rename(log_, directory_ / "removed");
    fs::remove_all(directory_ / "removed");
  }

  [[nodiscard]] bool IsReserved() {
    const Result<Seq> reserved = Reservation(*files_, log_).Read();
    return reserved.ok() && reserved.value() > Health().last_seq;
  }

  /// With the next event the file is made anew.
  void ExpectReservedSoon() {
    Append(1);
    EXPECT_TRUE(AdvanceUntil([&] { return IsReserved(); }));
  }

  /// A folder in the place of the reserved numbers; it has been noticed.
  void PutFolderInPlace() {
    fs::remove(reserved_);
    fs::create_directory(reserved_);
    Append(1);
    ASSERT_TRUE(AdvanceUntil([&] { return !Health().unreserved.empty(); }));
  }

  /// The next broker knows which numbers were reserved.
  void ExpectKnownAfterKill() {
    ASSERT_TRUE(Settle()) << Health().trouble;
    KillAndLosePower();
    Open();
    EXPECT_FALSE(recovery_.reservation_lost);
    Append(1);
    ASSERT_TRUE(Settle());
    ASSERT_TRUE(Close());
    ExpectWhole();
  }

  const std::string reserved_ = PathOf("reserved");
};

TEST_F(AMeddledLog, WhoseReservedNumbersAreRemovedHasThemAgain) {
  options_.look = std::chrono::milliseconds(0);
  Begin();
  fs::remove(reserved_);
  ExpectReservedSoon();
  ExpectKnownAfterKill();
}

TEST_F(AMeddledLog, WhoseReservedNumbersAreRemovedHasThemAgainWhateverIsSynced) {
  options_.look = std::chrono::milliseconds(0);
  for (const SyncMode mode : {SyncMode::kInterval, SyncMode::kNever}) {
    SCOPED_TRACE(static_cast<int>(mode));
    options_.sync = mode;
    options_.sync_interval = std::chrono::hours(1);
    Begin();
    fs::remove(reserved_);
    ExpectReservedSoon();
    ASSERT_TRUE(Close());
    RemoveLog();
    delivered_.clear();
  }
}

TEST_F(AMeddledLog, WhoseReservedNumbersAreCutOrReplacedHasThemAgain) {
  options_.look = std::chrono::milliseconds(0);
  Begin();
  fs::resize_file(reserved_, 0);
  ExpectReservedSoon();
  fs::remove(reserved_);
  ASSERT_EQ(::mkfifo(reserved_.c_str(), 0600), 0);
  ExpectReservedSoon();
  ExpectKnownAfterKill();
}

TEST_F(AMeddledLog, WhoseReservedNumbersMayNotBeOnTheDiskSavesThemOnceMore) {
  options_.look = std::chrono::milliseconds(0);
  Begin();
  const uint64_t before = script_.Count(Call::kOverwrite);
  script_.Add({.call = Call::kOverwrite, .late = true});
  std::fstream(reserved_) << 'x';
  Append(1);
  EXPECT_TRUE(AdvanceUntil([&] {
    return Health().unreserved.empty() && script_.Count(Call::kOverwrite) > before + 1;
  })) << "what the kernel says now is not what the disk has";
  ExpectKnownAfterKill();
}

TEST_F(AMeddledLog, WhoseDirectoryIsRemovedHasItsReservedNumbersWithItsSegment) {
  for (const SyncMode mode : {SyncMode::kAlways, SyncMode::kInterval, SyncMode::kNever}) {
    SCOPED_TRACE(static_cast<int>(mode));
    options_.sync = mode;
    options_.look = std::chrono::hours(1);
    Begin();
    RemoveLog();
    Append(1);
    EXPECT_TRUE(AdvanceUntil([&] { return IsReserved(); }));
    EXPECT_FALSE(Segments().empty());
    ASSERT_TRUE(Close());
    RemoveLog();
    delivered_.clear();
  }
}

TEST_F(AMeddledLog, WhoseSyncFailsSeesToItsReservedNumbersToo) {
  options_.look = std::chrono::hours(1);
  Begin();
  fs::remove(reserved_);
  script_.Add({.call = Call::kSync});
  Append(1);
  EXPECT_TRUE(AdvanceUntil([&] { return IsReserved(); }));
  ExpectKnownAfterKill();
}

TEST_F(AMeddledLog, WhoseDirectoryIsRemovedKnowsItsNumbersWhenTheBrokerIsKilledToo) {
  Begin();
  RemoveLog();
  Append(1);
  EXPECT_TRUE(AdvanceUntil([&] { return IsReserved(); }));
  ExpectKnownAfterKill();
}

TEST_F(AMeddledLog, WhoseDirectoryIsRemovedBeforeTheEndGivesNoNumberTwice) {
  Begin();
  const Seq last = Health().last_seq;
  RemoveLog();
  ASSERT_TRUE(Close());
  Open();
  EXPECT_EQ(Health().last_seq, last);
  lost_logged_ = true;
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AMeddledLog, WithAFolderInPlaceOfItsReservedNumbersSaysSoUntilItIsGone) {
  options_.look = std::chrono::milliseconds(0);
  Begin();
  PutFolderInPlace();
  EXPECT_THAT(Health().unreserved, HasSubstr("'" + reserved_ + "' is not a regular file"));
  fs::remove(reserved_);
  EXPECT_TRUE(AdvanceUntil([&] { return Health().unreserved.empty(); }))
      << "though nothing happens";
  EXPECT_TRUE(IsReserved());
  ExpectKnownAfterKill();
}

TEST_F(AMeddledLog, WithAFolderInPlaceOfItsReservedNumbersIsToBeCalledAgain) {
  options_.look = std::chrono::milliseconds(0);
  options_.retry = std::chrono::hours(1);
  Begin();
  PutFolderInPlace();
  EXPECT_LE(writer_->Deadline(), std::chrono::steady_clock::now() + options_.retry);
}

}  // namespace
}  // namespace broker::testing
