// A disk that does not answer: delivery goes on, and what was not written meanwhile is later.

#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/faulty_log.h"
#include "tests/support/wait.h"

namespace broker::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class AHangingDisk : public FaultyLog {
 protected:
  AHangingDisk() { options_.slow_sync = milliseconds(20); }

  void Begin() {
    Open();
    Append(3);
    ASSERT_TRUE(Settle());
    script_.HangSyncs();
    before_ = Unlogged();  // A busy disk may be as slow as one that hangs.
  }

  /// How many since it hangs.
  [[nodiscard]] size_t UnloggedNow() const { return Unlogged() - before_; }

 private:
  size_t before_ = 0;
};

TEST_F(AHangingDisk, IsToldAndDeliveredUnlogged) {
  Begin();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 10; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, options_.slow_sync);
  EXPECT_TRUE(Health().degraded);
  EXPECT_THAT(Health().trouble, HasSubstr("has not answered since 20"));
  EXPECT_EQ(Health().synced_seq, 3U);
  Append(2);
  EXPECT_EQ(UnloggedNow(), 12U);
  script_.ReleaseSyncs();
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
  EXPECT_THAT(Gaps(), ElementsAre());
  ExpectSessions();
}

TEST_F(AHangingDisk, DoesNotKeepTheWriterFromEnding) {
  Begin();
  Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return script_.HangingSyncs() == 1; }));
  EXPECT_FALSE(Close(milliseconds(50)));
  script_.ReleaseSyncs();
  Kill();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AHangingDisk, ThatFailsInTheEndGetsTheSameInANewSegment) {
  Begin();
  Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 2; }));
  script_.Add({.call = Call::kSync});
  script_.ReleaseSyncs();
  ASSERT_TRUE(Settle()) << Health().trouble;
  EXPECT_THAT(Segments(), SizeIs(2));
  ASSERT_TRUE(Close());
  ExpectWhole();
  EXPECT_THAT(Gaps(), ElementsAre());
}

/// As long as a sync hangs the ring keeps the last events only; their log.gap goes the same way.
class AHangingDiskAndAFullRing : public AHangingDisk {
 protected:
  AHangingDiskAndAFullRing() { options_.ring_bytes = 20'000; }

  void Begin() {
    AHangingDisk::Begin();
    Append(3);
    ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 3; }));
    for (int i = 0; i < 60; ++i) Append(5);
    ASSERT_GT(Health().lost, 0U);
  }

  void End() {
    script_.ReleaseSyncs();
    ASSERT_TRUE(Settle()) << Health().trouble;
    Append(2);
    ASSERT_TRUE(Settle());
  }
};

TEST_F(AHangingDiskAndAFullRing, NameAllThatIsLost) {
  Begin();
  End();
  EXPECT_THAT(Gaps(), SizeIs(1));
  ASSERT_TRUE(Close());
  ExpectWhole();
  ExpectSessions();
}

TEST_F(AHangingDiskAndAFullRing, AreNotTakenForSynced) {
  Begin();
  EXPECT_EQ(Health().synced_seq, 3U);
  EXPECT_EQ(writer_->Ring().Synced(), 3U);
  End();
  EXPECT_EQ(Health().synced_seq, Health().last_seq);
}

TEST_F(AHangingDiskAndAFullRing, NameWhatTheSyncTookThatFailedInTheEnd) {
  Begin();
  script_.Add({.call = Call::kSync});
  End();
  EXPECT_THAT(Gaps(), ElementsAre(HasSubstr("4-6: a sync failed"), HasSubstr("7-")));
  EXPECT_EQ(Health().lost, Health().last_seq - Logged().size());
  KillAndLosePower();
  ExpectWhole();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

/// A frozen file system: each call that changes it waits, writes as well as syncs.
class AFrozenDisk : public FaultyLog {
 protected:
  AFrozenDisk() { options_.slow_sync = milliseconds(20); }

  void Begin() {
    Open();
    Append(3);
    ASSERT_TRUE(Settle());
    script_.Freeze();
    before_ = Unlogged();
  }

  [[nodiscard]] size_t UnloggedNow() const { return Unlogged() - before_; }

  /// It was as if nothing had been, but for the flags.
  void ExpectAllOfIt() {
    script_.Thaw();
    ASSERT_TRUE(Settle()) << Health().trouble;
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_THAT(Gaps(), ElementsAre());
    EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
    ExpectSessions();
  }

 private:
  size_t before_ = 0;
};

TEST_F(AFrozenDisk, IsToldAndDeliveredUnlogged) {
  Begin();
  for (int i = 0; i < 5; ++i) Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 10; }));
  EXPECT_EQ(script_.Frozen(), 1);
  EXPECT_TRUE(Health().degraded);
  EXPECT_THAT(Health().trouble,
              AllOf(HasSubstr("'" + log_ + "' has not answered since 20"), HasSubstr("Z")));
  EXPECT_EQ(Health().unwritten, 10U);
  Append(2);
  EXPECT_EQ(UnloggedNow(), 12U);
  ExpectAllOfIt();
}

TEST_F(AFrozenDisk, MayBeNoticedByANewSegment) {
  options_.segment_bytes = 1000;
  Begin();
  for (int i = 0; i < 5; ++i) Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 10; }));
  ExpectAllOfIt();
  EXPECT_GT(Segments().size(), 3U);
}

TEST_F(AFrozenDisk, ThatFailsOnceItAnswersGetsAllOfIt) {
  Begin();
  Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 2; }));
  script_.Add({.call = Call::kAppend, .code = StatusCode::kNoSpace, .times = 3, .written = 50});
  script_.Add({.call = Call::kSync});
  Append(2);
  ExpectAllOfIt();
}

TEST_F(AFrozenDisk, ThatIsChangedMeanwhileGetsAllOfIt) {
  Begin();
  Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 2; }));
  std::ofstream(PathOf(Segments().back()), std::ios::app) << "somebody was here";
  Append(2);
  ExpectAllOfIt();
}

TEST_F(AFrozenDisk, ThatStaysSoForLongCostsTheOldestEventsWhichOneGapNames) {
  options_.ring_bytes = 20'000;
  for (const int failures : {0, 1}) {
    SCOPED_TRACE(failures);
    Begin();
    Append(3);
    ASSERT_TRUE(AdvanceUntil([&] { return UnloggedNow() == 3; }));
    for (int i = 0; i < 60; ++i) Append(5);
    EXPECT_GT(Health().lost, 0U);
    EXPECT_EQ(Health().synced_seq, Health().last_seq - 303);
    if (failures != 0) script_.Add({.call = Call::kAppend, .times = failures});
    script_.Thaw();
    ASSERT_TRUE(Settle()) << Health().trouble;
    Append(2);
    ASSERT_TRUE(Settle());
    // What hung was on its way and arrives, unless it fails.
    EXPECT_THAT(Gaps(), ElementsAre(HasSubstr(failures == 0 ? "7-" : "4-")));
    EXPECT_EQ(Health().lost, delivered_.back().seq - Logged().size());
    ASSERT_TRUE(Close());
    ExpectWhole();
    ExpectSessions();
    ASSERT_TRUE(Close());
    std::filesystem::remove_all(log_);
    delivered_.clear();
  }
}

TEST_F(AFrozenDisk, DoesNotKeepTheWriterFromEnding) {
  Begin();
  Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return script_.Frozen() == 1; }));
  EXPECT_FALSE(Close(milliseconds(50)));
  script_.Thaw();
  Kill();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

/// What is not synced before it is delivered is written by who delivers.
TEST_F(AFrozenDisk, HoldsUpDeliveryWithoutSyncingAndAnybodyCanTell) {
  options_.sync = SyncMode::kNever;
  Begin();
  EXPECT_EQ(writer_->Stalled(), "");
  std::thread delivering([this] { Append(2); });
  EXPECT_TRUE(Eventually([this] { return !writer_->Stalled().empty(); }));
  EXPECT_GT(writer_->StalledSince(), 0);
  EXPECT_LE(writer_->StalledSince(), SystemClock().Now().realtime_us -
                                         std::chrono::microseconds(options_.slow_sync).count());
  EXPECT_THAT(writer_->Stalled(), AllOf(HasSubstr("'" + log_ + "' has not answered since 20"),
                                        HasSubstr("nothing is delivered until it does")));
  script_.Thaw();
  delivering.join();
  EXPECT_EQ(writer_->StalledSince(), 0);
  EXPECT_EQ(writer_->Stalled(), "");
  ExpectAllOfIt();
}

}  // namespace
}  // namespace broker::testing
