// The power goes: what was delivered as logged is there again where the log is always synced, and
// numbers never come again, however the log is synced.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "eventlog/reservation.h"
#include "eventlog/segments.h"
#include "tests/fault/faulty_log.h"

namespace broker::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using TimePoint = std::chrono::steady_clock::time_point;

class ALogWithoutPower : public FaultyLog, public ::testing::WithParamInterface<SyncMode> {
 protected:
  ALogWithoutPower() {
    options_.sync = GetParam();
    options_.sync_interval = std::chrono::milliseconds(5);
    options_.segment_bytes = 4000;
    // Only with `always` a number that was delivered is on the disk.
    lost_logged_ = GetParam() != SyncMode::kAlways;
  }

  void ExpectDurable(Seq synced) {
    Append(1);
    ASSERT_TRUE(Settle());
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_GE(Logged().back(), synced);
  }
};

TEST_P(ALogWithoutPower, KeepsWhatItSaidWasSynced) {
  Open();
  for (int i = 0; i < 30; ++i) Append(2);
  ASSERT_TRUE(Settle());
  const Seq synced = writer_->Ring().Synced();
  KillAndLosePower();
  Open();
  EXPECT_GE(recovery_.sessions.as_of, synced);
  ExpectDurable(synced);
}

TEST_P(ALogWithoutPower, KeepsAllOfItAfterACleanEnd) {
  Open();
  for (int i = 0; i < 30; ++i) Append(2);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  KillAndLosePower();
  Open();
  EXPECT_EQ(recovery_.sessions.as_of, 60U);
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  EXPECT_THAT(Gaps(), ElementsAre());
  EXPECT_THAT(Logged(), SizeIs(61));
  ExpectWhole();
}

/// What the first broker left to the kernel the second one takes for logged.
TEST_P(ALogWithoutPower, KeepsWhatABrokerFoundThatWasKilledBefore) {
  Open();
  for (int i = 0; i < 30; ++i) Append(2);
  ASSERT_TRUE(Settle());
  Kill();
  Open();
  const Seq found = recovery_.sessions.as_of;
  Append(1);
  const bool syncs = options_.sync != SyncMode::kNever;
  const auto is_synced = [&] { return writer_->Ring().Synced() == Health().last_seq; };
  ASSERT_TRUE(AdvanceUntil([&] { return !syncs || is_synced(); }));
  const Seq synced = syncs ? writer_->Ring().Synced() : found;
  KillAndLosePower();
  Open();
  EXPECT_GE(recovery_.sessions.as_of, synced);
  ExpectDurable(synced);
}

/// Numbers that an unclean end left out have no event, and no log.gap until that is on the disk.
TEST_P(ALogWithoutPower, CallsNoNumberSyncedBehindItsLastEvent) {
  Open();
  for (int i = 0; i < 30; ++i) Append(2);
  ASSERT_TRUE(Settle());
  Kill();
  Open();
  const Seq at_start = writer_->Ring().Synced();
  EXPECT_GT(Health().last_seq, recovery_.sessions.as_of);
  Append(1);
  const Seq later = writer_->Ring().Synced();
  KillAndLosePower();
  Open();
  EXPECT_GE(recovery_.sessions.as_of, std::max(at_start, later));
  ExpectDurable(later);
}

TEST_P(ALogWithoutPower, HasNoHoleBeforeTheSegmentOfANewBoot) {
  Open();
  for (int i = 0; i < 30; ++i) Append(2);
  ASSERT_TRUE(Settle());
  Kill();
  machine_.boot_id = "22222222222222222222222222222222";
  Open();
  Append(3);
  ASSERT_TRUE(Settle());
  KillAndLosePower();
  Open();
  ExpectDurable(0);
}

TEST_P(ALogWithoutPower, MayLoseItAtAnyMoment) {
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    Open();
    for (int i = 0; i < round % 7; ++i) Append(1 + round % 3);
    if (round % 4 == 0) Advance();
    if (round % 5 == 0)
      Kill();
    else
      KillAndLosePower();
  }
  Open();
  ExpectDurable(0);
}

INSTANTIATE_TEST_SUITE_P(EachMode, ALogWithoutPower,
                         ::testing::Values(SyncMode::kAlways, SyncMode::kInterval,
                                           SyncMode::kNever),
                         [](const auto& mode) -> std::string {
                           if (mode.param == SyncMode::kAlways) return "Always";
                           return mode.param == SyncMode::kInterval ? "Interval" : "Never";
                         });

/// A disk keeps of each file what it likes, beyond what was synced.
class ALogOfWhichAPartIsLost : public FaultyLog {
 protected:
  ALogOfWhichAPartIsLost() {
    options_.segment_bytes = 4000;
    lost_logged_ = true;
  }

  void ChangeBoot() { ++machine_.boot_id.back(); }

  void WriteSome() {
    for (int i = 0; i < 30; ++i) Append(2);
    ASSERT_TRUE(Settle());
  }

  void ExpectTheNextToMendIt() {
    Open();
    Append(1);
    ASSERT_TRUE(Settle());
    ASSERT_TRUE(Close());
    ExpectWhole();
  }

  /// The last line of this segment is not durable.
  void LoseEndOf(const std::string& segment) {
    const std::string path = shadow_ + "/tree/log/" + segment;
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::filesystem::resize_file(path, text.rfind('\n', text.size() - 2) + 1);
    std::filesystem::remove(std::filesystem::path(path).replace_extension("index"));
  }
};

/// An index says that nobody need look for holes there any more.
TEST_F(ALogOfWhichAPartIsLost, GetsNoIndexBeforeItsHolesAreRecordedForGood) {
  Open();
  WriteSome();
  const std::vector<std::string> segments = Segments();
  LoseEndOf(segments.at(segments.size() - 2));
  KillAndLosePower();
  options_.sync = SyncMode::kNever;
  ChangeBoot();
  Open();
  Append(1);
  // The names are synced, and nothing is left to do.
  ASSERT_TRUE(AdvanceUntil([&] { return writer_->Deadline() == TimePoint::max(); }));
  EXPECT_THAT(Segments(), SizeIs(segments.size() + 1));
  KillAndLosePower();
  ExpectTheNextToMendIt();
}

/// What was written again is gone: what stands in the old segment, too, stays beyond its end.
TEST_F(ALogOfWhichAPartIsLost, DoesNotComeBackFromBeforeASyncFailed) {
  Open();
  Append(3);
  ASSERT_TRUE(Settle());
  script_.Add({.call = Call::kSync});
  Append(2);
  ASSERT_TRUE(Settle());
  Kill();
  ASSERT_THAT(Segments(), ElementsAre(SegmentName(1), SegmentName(4)));
  std::filesystem::resize_file(PathOf(SegmentName(4)), 10);
  ExpectTheNextToMendIt();
  EXPECT_THAT(Segments(), ElementsAre(SegmentName(1), SegmentName(4)));
}

/// Half of it may be all that a lost power leaves, and nobody mends what has one behind it.
TEST_F(ALogOfWhichAPartIsLost, LeavesNoSegmentInWhichNothingWasSynced) {
  Open();
  Append(3);
  ASSERT_TRUE(Settle());
  const Seq next = Health().last_seq + 1;
  for (int i = 0; i < 2; ++i) {
    Kill();
    ChangeBoot();
    Open();
  }
  const std::vector<std::string> segments = Segments();
  ASSERT_GT(Health().last_seq, next);
  script_.Add({.call = Call::kSync});
  Append(1);
  ASSERT_TRUE(Settle());
  EXPECT_EQ(Segments(), segments);
  Kill();
  ExpectTheNextToMendIt();
}

TEST_F(ALogOfWhichAPartIsLost, KeepsTheNumbersThatAKilledBrokerReserved) {
  ASSERT_TRUE(files_->MakeDirectories(log_, 0700).ok());
  // It was killed before it could sync the directory.
  const auto files = MakeFileSystem();
  ASSERT_TRUE(Reservation(*files, log_).Save(5).ok());
  Open();
  const Seq last = Health().last_seq;
  EXPECT_EQ(last, 4U);
  KillAndLosePower();
  Open();
  EXPECT_GT(Health().last_seq, last);
}

}  // namespace
}  // namespace broker::testing
