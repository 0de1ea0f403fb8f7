// A disk that takes less than it is given, or fails: what is delivered meanwhile is flagged, and
// comes into the log later, once and in order.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/faulty_log.h"

namespace broker::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::SizeIs;

class AFaultyDisk : public FaultyLog {
 protected:
  /// A log with a few events, all on the disk.
  void Begin() {
    Open();
    Append(3);
    ASSERT_TRUE(Settle());
  }

  /// The disk's thread fails to write all there is: what it took before, which the ring may have
  /// no more, has failed then, too, and will not be written once the fault is over.
  [[nodiscard]] bool FailAll() {
    const uint64_t before = script_.Count(Call::kAppend);
    return AdvanceUntil([&] { return script_.Count(Call::kAppend) >= before + 2; });
  }

  /// Whole lines stay behind where neither writing nor cutting works, and the ring loses them.
  void LoseWhatIsHalfWritten(SyncMode mode) {
    options_.sync = mode;
    options_.ring_bytes = 8U << 10U;
    Begin();
    script_.Add({.call = Call::kAppend, .written = 700});
    script_.Add({.call = Call::kAppend, .times = Fault::kAlways});
    script_.Add({.call = Call::kTruncate, .times = Fault::kAlways});
    Append(3);
    for (int i = 0; i < 100; ++i) Append(1);
    ASSERT_TRUE(AdvanceUntil([&] { return Health().lost > 3; }));
    ASSERT_TRUE(FailAll());
    script_.Heal();
    ASSERT_TRUE(Settle());
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_THAT(Gaps(), SizeIs(1));
    ExpectSessions();
  }

  /// The fault is over: all is as if it had never been, but for the flags.
  void ExpectAllOfIt() {
    script_.Heal();
    ASSERT_TRUE(Settle()) << Health().trouble;
    Append(2);
    ASSERT_TRUE(Settle());
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_THAT(Gaps(), ElementsAre());
    EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
    ExpectSessions();
  }
};

TEST_F(AFaultyDisk, ThatWritesAPartOnlyGetsTheWholeAgain) {
  for (const size_t written : {0U, 1U, 100U, 400U, 500U, 1000U}) {
    SCOPED_TRACE(written);
    if (!writer_) Begin();
    script_.Add({.call = Call::kAppend, .code = StatusCode::kNoSpace, .written = written});
    Append(3);
    ASSERT_TRUE(Settle());
    EXPECT_EQ(Verify().defects, 0U) << found_;
  }
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatWritesAPartAndCannotCutItOffGetsTheWholeInANewSegment) {
  Begin();
  script_.Add({.call = Call::kAppend, .written = 700});
  script_.Add({.call = Call::kTruncate});
  Append(3);
  ASSERT_TRUE(Settle());
  EXPECT_THAT(Segments(), SizeIs(2));
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatIsFullIsToldAndDeliveredUnlogged) {
  Begin();
  ASSERT_TRUE(Close());
  script_.SetRoom(100);
  script_.Add({.call = Call::kReserve, .code = StatusCode::kNoSpace, .times = Fault::kAlways});
  options_.segment_bytes = 1;
  Open();
  for (int i = 0; i < 5; ++i) Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return Unlogged() >= 10; }));
  EXPECT_TRUE(Health().degraded);
  EXPECT_THAT(Health().trouble, HasSubstr("ENOSPC"));
  EXPECT_EQ(Health().unwritten, 10U);
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatFailsToWriteIsToldAndDeliveredUnlogged) {
  Begin();
  script_.Add({.call = Call::kAppend, .times = Fault::kAlways});
  for (int i = 0; i < 5; ++i) Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return Unlogged() == 10; }));
  EXPECT_TRUE(Health().degraded);
  EXPECT_THAT(Health().trouble, HasSubstr("EIO"));
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatFailsForLongCostsTheOldestEventsWhichOneGapNames) {
  options_.ring_bytes = 8U << 10U;
  Begin();
  script_.Add({.call = Call::kAppend, .times = Fault::kAlways});
  for (int i = 0; i < 100; ++i) Append(1);
  ASSERT_TRUE(AdvanceUntil([&] { return Unlogged() == 100; }));
  ASSERT_TRUE(AdvanceUntil([&] { return Health().lost > 0; }));
  ASSERT_TRUE(FailAll());
  const uint64_t lost = Health().lost;
  EXPECT_LT(lost, 100U);
  script_.Heal();
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
  EXPECT_THAT(Gaps(), ElementsAre(HasSubstr("4-" + std::to_string(3 + lost) + ": ")));
  EXPECT_EQ(delivered_.back().seq, Logged().back());
  ExpectSessions();
}

/// What a write that failed half way left in a file that could not be cut does not count.
TEST_F(AFaultyDisk, ThatKeepsAPartOfWhatTheRingLosesHasItNamedAllTheSame) {
  LoseWhatIsHalfWritten(SyncMode::kAlways);
}

TEST_F(AFaultyDisk, ThatKeepsAPartWithoutSyncingHasItNamedAllTheSame) {
  LoseWhatIsHalfWritten(SyncMode::kNever);
}

/// The same where the kernel had them: only their sync failed, and they are in no memory any more.
TEST_F(AFaultyDisk, ThatCannotSyncWhatIsNotInMemoryAnyMoreNamesIt) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::hours(1);
  options_.ring_bytes = 8U << 10U;
  Begin();
  for (int i = 0; i < 100; ++i) Append(1);
  script_.Add({.call = Call::kSync});
  ASSERT_TRUE(Close());
  lost_logged_ = true;
  KillAndLosePower();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

/// Memory is to have what a sync may fail for.
TEST_F(AFaultyDisk, IsSyncedBeforeTheRingHasMovedOn) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::hours(1);
  options_.ring_bytes = 20'000;
  Begin();
  EXPECT_EQ(script_.Count(Call::kSync), 0U);
  // While the disk's thread has a job it is looked at again long before the hour is over.
  const auto has_job = [&] {
    return writer_->Deadline() < std::chrono::steady_clock::now() + std::chrono::minutes(1);
  };
  ASSERT_TRUE(AdvanceUntil([&] { return !has_job(); }));
  script_.HangSyncs();
  ASSERT_TRUE(AdvanceUntil([&] {
    Append(1);
    return has_job();
  }));
  EXPECT_EQ(writer_->Ring().First(), 1U);
  EXPECT_TRUE(AdvanceUntil([&] { return script_.HangingSyncs() == 1; }));
}

TEST_F(AFaultyDisk, ThatFailsToSyncAfterTheRingMovedOnNamesWhatIsLost) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = milliseconds(10);
  options_.ring_bytes = 20'000;
  Begin();
  ASSERT_TRUE(AdvanceUntil([&] { return Health().synced_seq == 3; }));
  script_.HangSyncs();
  for (int i = 0; i < 40; ++i) Append(5);
  ASSERT_TRUE(AdvanceUntil([&] { return script_.HangingSyncs() == 1; }));
  script_.Add({.call = Call::kSync});
  script_.ReleaseSyncs();
  lost_logged_ = true;
  ASSERT_TRUE(AdvanceUntil([&] { return Health().lost != 0; }));
  ASSERT_TRUE(AdvanceUntil([&] { return Health().synced_seq == Health().last_seq; }));
  EXPECT_THAT(Gaps(), ElementsAre(HasSubstr("4-")));
  KillAndLosePower();
  ExpectWhole();
}

TEST_F(AFaultyDisk, ThatCannotCutOffAPartIsSyncedAllTheSame) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::hours(1);
  Begin();
  Append(3);
  script_.Add({.call = Call::kAppend, .written = 700});
  script_.Add({.call = Call::kTruncate});
  Append(3);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  KillAndLosePower();
  EXPECT_THAT(Logged(), SizeIs(9));
}

class AFaultyDiskWithSmallSegments : public AFaultyDisk {
 protected:
  AFaultyDiskWithSmallSegments() {
    options_.segment_bytes = 3000;
    options_.total_bytes = 7000;
  }

  /// Goes on until so many more segments were begun.
  void FillSegments(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string last = Segments().back();
      while (Segments().back() == last) Append(1);
    }
  }
};

TEST_F(AFaultyDiskWithSmallSegments, IsSyncedWheneverOneIsClosed) {
  options_.sync_interval = std::chrono::hours(1);
  for (const SyncMode mode : {SyncMode::kInterval, SyncMode::kNever}) {
    SCOPED_TRACE(static_cast<int>(mode));
    options_.sync = mode;
    Begin();
    FillSegments(1);
    const Seq before = Health().last_seq - 1;
    EXPECT_TRUE(AdvanceUntil([&] { return Health().synced_seq >= before; }));
    ASSERT_TRUE(Close());
  }
}

/// All that is on the disk would be gone with the power.
TEST_F(AFaultyDiskWithSmallSegments, KeepsSyncedOnesWhileNewerOnesAreNot) {
  options_.sync = SyncMode::kNever;
  Begin();
  FillSegments(4);
  const Seq closed = Health().last_seq - 1;
  ASSERT_TRUE(AdvanceUntil([&] { return Health().synced_seq >= closed; }));
  script_.HangSyncs();
  FillSegments(2);
  EXPECT_LE(Logged().front(), Health().synced_seq);
  FillSegments(1);
  EXPECT_THAT(Segments(), SizeIs(Lt(5U))) << "the limit is no limit";
  script_.ReleaseSyncs();
  ASSERT_TRUE(AdvanceUntil([&] { return Segments().size() < 4; }));
}

TEST_F(AFaultyDisk, ThatCannotSyncGetsTheSameAgainInANewSegmentAndIsNotAskedTwice) {
  Begin();
  const std::string first = Segments().at(0);
  script_.Add({.call = Call::kSync, .where = first});
  Append(3);
  ASSERT_TRUE(AdvanceUntil([&] { return Segments().size() == 2; }));
  script_.Add({.call = Call::kSync, .times = Fault::kAlways, .where = first});
  const uint64_t before = script_.Count(Call::kSync);
  Append(1);
  ASSERT_TRUE(Settle()) << Health().trouble;
  EXPECT_GT(script_.Count(Call::kSync), before);
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatNeverSyncsIsToldAndDeliveredUnlogged) {
  Begin();
  script_.Add({.call = Call::kSync, .times = Fault::kAlways});
  for (int i = 0; i < 5; ++i) Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return Unlogged() == 10; }));
  EXPECT_TRUE(Health().degraded);
  EXPECT_THAT(Health().trouble, HasSubstr("EIO"));
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatCannotSyncLosesNothingWithThePower) {
  Begin();
  script_.Add({.call = Call::kSync});
  Append(3);
  ASSERT_TRUE(Settle());
  KillAndLosePower();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AFaultyDisk, ThatTakesNoNewSegmentIsAskedAgain) {
  options_.segment_bytes = 1500;
  for (const Call call : {Call::kOpenAppend, Call::kSyncDirectory, Call::kMakeDirectories}) {
    SCOPED_TRACE(static_cast<int>(call));
    if (!writer_) Begin();
    script_.Add({.call = call, .times = 3});
    script_.Add({.call = call, .times = 3, .late = call != Call::kOpenAppend});
    for (int i = 0; i < 10; ++i) Append(2);
    ASSERT_TRUE(Settle()) << Health().trouble;
  }
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatWritesHalfAHeaderIsAskedAgain) {
  options_.segment_bytes = 1500;
  Begin();
  for (const size_t written : {0U, 1U, 100U}) {
    const size_t before = Segments().size();
    script_.Add(
        {.call = Call::kAppend, .code = StatusCode::kNoSpace, .times = 2, .written = written});
    for (int i = 0; i < 5; ++i) Append(2);
    ASSERT_TRUE(Settle()) << Health().trouble;
    EXPECT_GT(Segments().size(), before);
  }
  ExpectAllOfIt();
}

TEST_F(AFaultyDisk, ThatCannotRemoveKeepsOldSegmentsUntilItCan) {
  options_.segment_bytes = 1500;
  options_.total_bytes = 6000;
  Begin();
  script_.Add({.call = Call::kRemove, .times = Fault::kAlways, .where = Segments().at(0)});
  for (int i = 0; i < 20; ++i) Append(2);
  ASSERT_TRUE(Settle()) << Health().trouble;
  const size_t many = Segments().size();
  EXPECT_THAT(Health().untrimmed,
              AllOf(HasSubstr("larger than total_size"), HasSubstr(Segments().at(0))));
  script_.Heal();
  Append(2);
  ASSERT_TRUE(Settle());
  EXPECT_LT(Segments().size(), many);
  EXPECT_EQ(Health().untrimmed, "");
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AFaultyDisk, ThatCannotReserveNumbersGoesOnWithinTheBlockAndThenToldSo) {
  Begin();
  script_.Add({.call = Call::kOverwrite, .times = Fault::kAlways});
  script_.Add({.call = Call::kReplace, .times = Fault::kAlways});
  Append(3000);
  Append(3000);
  ASSERT_TRUE(Settle()) << Health().trouble;
  KillAndLosePower();
  script_.Heal();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AFaultyDisk, ThatCannotBeReadRefusesTheStartWithASentence) {
  Begin();
  ASSERT_TRUE(Close());
  for (const Call call : {Call::kList, Call::kOpenRead}) {
    script_.Add({.call = call, .times = Fault::kAlways});
    const Status opened = TryOpen();
    EXPECT_FALSE(opened.ok());
    EXPECT_THAT(opened.message(), HasSubstr(log_));
    script_.Heal();
  }
  Open();
  ExpectAllOfIt();
}

/// What is written again ends where one begins that stayed.
TEST_F(AFaultyDiskWithSmallSegments, ThatKeepsThoseThatAreWrittenAgainIsAskedUntilTheyAreGone) {
  options_.sync = SyncMode::kNever;
  options_.total_bytes = 1U << 20U;
  Begin();
  script_.HangSyncs();
  for (int i = 0; i < 30; ++i) Append(1);
  ASSERT_TRUE(AdvanceUntil([&] { return script_.HangingSyncs() == 1; }));
  const std::vector<std::string> before = Segments();
  ASSERT_GT(before.size(), 3U);
  script_.Add({.call = Call::kSync});
  script_.Add({.call = Call::kRemove, .times = Fault::kAlways, .where = before.back()});
  script_.ReleaseSyncs();
  ASSERT_TRUE(AdvanceUntil([&] { return Health().degraded; }));
  EXPECT_THAT(Health().trouble, HasSubstr("what is written again cannot be removed: "));
  Append(2);
  ExpectAllOfIt();
}

}  // namespace
}  // namespace broker::testing
