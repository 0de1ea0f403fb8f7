#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "eventlog/segments.h"
#include "tests/support/failing_reads.h"
#include "tests/unit/dispatch/lane_fixture.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Eventually;
using testing::kMachine;
using testing::NotingConsumer;
using ALane = testing::LaneFixture;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

TEST_F(ALane, DeliversWhatItsConsumerWantsInOrderAndCountsTheRestAsFinished) {
  NotingConsumer consumer;
  consumer.Open();
  Start(consumer, Options());
  Commit({EventType::kSessionLogon, EventType::kSessionLocked, EventType::kSessionLogon});
  Commit({EventType::kSessionLocked});
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "3", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value()->seq, 4U);
}

TEST_F(ALane, StartsANewInstanceAtTheSnapshotAndSaysWhatItDidNotSee) {
  Logons(3);
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 1-3 new", "4", "down"}));
}

TEST_F(ALane, FreesWhatFellOffTheRing) {
  NotingConsumer consumer;
  consumer.Open();
  Start(consumer, Options());
  Logons(1);
  const std::weak_ptr<const Batch> oldest = log_->Ring().Front();
  Seq last = 1;
  for (; log_->Ring().First() == 1; ++last) Logons(1);
  ASSERT_TRUE(Finished(last));
  EXPECT_TRUE(Eventually([&oldest] { return oldest.expired(); }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALane, WhoseCursorIsAheadOfTheLogStartsAtTheSnapshotAndSaysSo) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 99).ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  Start(consumer, Options());
  CommitSkipped("noting", 1, 2);
  Logons(1);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(),
            (std::vector<std::string>{"skip 1-2 cursor of another log", "4", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value()->seq, 4U);
}

TEST_F(ALane, StartsAMarkedInstanceAtTheSnapshotOnceAndSaysWhyItDidNotSeeTheRest) {
  Logons(3);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "disabled").ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  Start(consumer, Options());
  CommitSkipped("noting", 2, 3);
  EXPECT_TRUE(Eventually([this] {
    return cursors_.Load("noting").value() == StoredCursor{4, ""};
  }));
  Logons(1);
  ASSERT_TRUE(Finished(5));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 2-3 disabled", "5", "down"}));
}

TEST_F(ALane, SavesNoCursorBehindASkipThatIsNotInTheLogYet) {
  Logons(3);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  LaneOptions options = Options();
  options.oldest_us = 2'000'000;
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  Start(consumer, options);
  Logons(1);
  CommitSkipped("another", 2, 3);
  ASSERT_TRUE(Finished(5));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 2-3 age", "4", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));

  NotingConsumer again;
  again.Open();
  again.as_of = 5;
  Start(again, options);
  ASSERT_TRUE(Eventually([&again] { return !again.Notes().empty(); }));
  CommitSkipped("noting", 2, 5);
  EXPECT_TRUE(Eventually([this] {
    return cursors_.Load("noting").value() == StoredCursor{6, ""};
  }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALane, StartsAMarkedInstanceThatMissedNothingWithoutAWord) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 2).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "quarantined").ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  Start(consumer, Options());
  EXPECT_TRUE(Eventually([this] {
    return cursors_.Load("noting").value() == StoredCursor{2, ""};
  }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"down"}));
}

TEST_F(ALane, KeepsAMarkUntilTheDiskHasAllThatPassedTheInstanceBy) {
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "disabled").ok());
  EventRing ring;
  ring.Mark(2, 1);
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  lane_ = Lane::Create(Options(), consumer, {hub_, ring, *files_, cursors_});
  ASSERT_TRUE(lane_->Activate(seconds(20)).ok());
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{0, "disabled"}));
}

TEST_F(ALane, MarksTheCursorOfAQuarantinedInstance) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [&consumer](Seq) {
    consumer.exhausted = true;
    return Outcome::kFailed;
  };
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, "quarantined"}));
}

TEST_F(ALane, GoesOnBehindItsCursorAndFlagsWhatACrashMayHaveDelivered) {
  Logons(3);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  LaneOptions options = Options();
  options.redelivered_through = 2;
  Start(consumer, options);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"again 2", "3", "down"}));
}

TEST_F(ALane, SkipsWhatIsTooOldOrOfAnotherBootAndSaysSo) {
  Logons(2);
  OpenLog({kMachine.machine_id, std::string(32, 'c')});
  Commit({EventType::kSessionLogon}, 1);
  Commit({EventType::kSessionLogon}, 5'000'000);
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 4;
  LaneOptions options = Options();
  options.boot_id = std::string(32, 'c');
  options.oldest_us = 2'000'000;
  Start(consumer, options);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(),
            (std::vector<std::string>{"skip 1-2 boot", "skip 3-3 age", "4", "down"}));
}

TEST_F(ALane, ReadsTheFilesWhenItFallsBehindAndLosesAndRepeatsNothing) {
  NotingConsumer consumer;
  Start(consumer, Options());
  for (int batch = 0; batch < 20; ++batch) Logons(2);
  consumer.Open();
  ASSERT_TRUE(Finished(40));
  Logons(1);
  ASSERT_TRUE(Finished(41));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  std::vector<std::string> expected;
  for (int seq = 1; seq <= 41; ++seq) expected.push_back(std::to_string(seq));
  expected.emplace_back("down");
  EXPECT_EQ(consumer.Notes(), expected);
}

TEST_F(ALane, SavesNoCursorBeyondWhatIsSynced) {
  EventRing ring;
  NotingConsumer consumer;
  consumer.Open();
  lane_ = Lane::Create(Options(), consumer, {hub_, ring, *files_, cursors_});
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  ASSERT_TRUE(lane_->Activate(seconds(20)).ok());
  log_->Append(std::vector<Event>(3, MakeBrokerEvent(EventType::kSessionLogon, {1, 1})));
  const BatchRef batch = log_->Ring().Find(1);
  ring.Push(batch);
  ring.Mark(2, 1);
  hub_.Emit(*batch);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "2", "unlogged 3", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));
  testing::Settle(*log_);
}

TEST_F(ALane, WhoseCursorCannotBeReadStartsAtTheSnapshotAndSaysSo) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  std::ofstream(directory_ / "cursors/noting") << "none";
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_THAT(consumer.Notes(), ElementsAre(AllOf(StartsWith("trouble "), HasSubstr("noting")),
                                            "skip 1-2 cursor unreadable", "3", "down"));
}

TEST_F(ALane, WhoseCursorCannotBeSavedSaysSoAndGoesOn) {
  NotingConsumer consumer;
  consumer.Open();
  Start(consumer, Options());
  std::filesystem::remove_all(directory_ / "cursors");
  std::ofstream(directory_ / "cursors") << "in the way";
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  const std::vector<std::string> notes = consumer.Notes();
  EXPECT_THAT(notes, IsSupersetOf({"1", "2", "down"}));
  EXPECT_THAT(notes, Contains(AllOf(StartsWith("trouble "), HasSubstr("cursors"))));
}

/// A disk that takes longer for a cursor than the coarse clock's step.
class SlowReplace final : public testing::ForwardingFileSystem {
 public:
  explicit SlowReplace(NotingConsumer& consumer)
      : ForwardingFileSystem(MakeFileSystem()), consumer_(consumer) {}
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    const auto begin = CoarseNow();
    while (CoarseNow() < begin + milliseconds(20)) std::this_thread::yield();
    consumer_.TimePassed();
    ++replaced;
    return ForwardingFileSystem::Replace(path, content, mode);
  }
  std::atomic<int> replaced = 0;

 private:
  NotingConsumer& consumer_;
};

/// Else the time that a call may take would run out while the cursor is saved.
TEST_F(ALane, LooksAtTheClockBehindACursorThatTookLong) {
  NotingConsumer consumer;
  SlowReplace disk(consumer);
  CursorStore cursors(disk, directory_ / "slow");
  lane_ = Lane::Create(Options(), consumer, {hub_, log_->Ring(), *files_, cursors});
  consumer.Open();
  ASSERT_TRUE(lane_->Activate(seconds(20)).ok());
  Logons(3);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_GT(disk.replaced, 0);
  lane_.reset();
}

TEST_F(ALane, ThatFellBehindWaitsForFilesThatCannotBeRead) {
  testing::FailingReads disk(SegmentName(1));
  NotingConsumer consumer;
  lane_ = Lane::Create(Options(), consumer, {hub_, log_->Ring(), disk, cursors_});
  ASSERT_TRUE(lane_->Activate(seconds(20)).ok());
  for (int batch = 0; batch < 20; ++batch) Logons(2);
  consumer.Open();
  ASSERT_TRUE(Eventually([&] { return consumer.Notes().back().starts_with("trouble "); }));
  disk.fails = false;
  ASSERT_TRUE(Finished(40));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  std::vector<std::string> notes = consumer.Notes();
  std::erase_if(notes, [](const std::string& note) { return note.starts_with("trouble "); });
  std::vector<std::string> expected;
  for (int seq = 1; seq <= 40; ++seq) expected.push_back(std::to_string(seq));
  expected.emplace_back("down");
  EXPECT_EQ(notes, expected);
  lane_.reset();
}

TEST_F(ALane, SaysWhatRetentionTookBeforeItCame) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  OpenLog({kMachine.machine_id, std::string(32, 'c')});
  Logons(2);
  std::filesystem::remove(PathIn(directory_ / "log", SegmentName(1)));
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 4;
  LaneOptions options = Options();
  options.boot_id = std::string(32, 'c');
  Start(consumer, options);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 2-2 retention", "3", "4", "down"}));
}

TEST_F(ALane, LosesNothingWhenEventsAreCommittedWhileItComesUp) {
  for (int round = 0; round < 30; ++round) {
    NotingConsumer consumer;
    consumer.Open();
    consumer.committed = &committed_;
    const Seq first = log_->LastSeq() + 1;
    ASSERT_TRUE(cursors_.Save("noting", log_->LastSeq()).ok());
    std::thread pipeline([this] {
      for (int event = 0; event < 10; ++event) Logons(1);
    });
    Start(consumer, Options());
    pipeline.join();
    ASSERT_TRUE(Finished(first + 9));
    EXPECT_TRUE(lane_->Stop(seconds(20)));
    std::vector<std::string> expected;
    for (Seq seq = first; seq < first + 10; ++seq) expected.push_back(std::to_string(seq));
    expected.emplace_back("down");
    EXPECT_EQ(consumer.Notes(), expected);
  }
}

TEST_F(ALane, GoesOnBehindAnEventThatFailed) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq seq) { return seq == 1 ? Outcome::kFailed : Outcome::kDone; };
  Start(consumer, Options());
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "2", "down"}));
}

TEST_F(ALane, TakesDownAConsumerThatWantsNoMore) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.exhausted = true;
  Start(consumer, Options());
  ASSERT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
  Logons(1);
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"down"}));
}

TEST_F(ALane, ReportsAConsumerThatDoesNotComeUp) {
  NotingConsumer consumer;
  consumer.activate_status = Status(StatusCode::kInvalid, "no such mode");
  lane_ = Lane::Create(Options(), consumer, {hub_, log_->Ring(), *files_, cursors_});
  const Status up = lane_->Activate(seconds(20));
  EXPECT_EQ(up.message(), "no such mode");
  Logons(1);
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_TRUE(consumer.Notes().empty());
}

}  // namespace
}  // namespace broker
