// The power goes: what was delivered as logged is there again where the log is always synced, and
// numbers never come again, however the log is synced.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/faulty_log.h"

namespace broker::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace broker::testing
