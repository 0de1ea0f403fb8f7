// What becomes of the events that a lane's consumer does not finish at once.
#include <atomic>

#include "tests/unit/dispatch/lane_fixture.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Eventually;
using testing::NotingConsumer;
using ALane = testing::LaneFixture;

/// A consumer that leaves every event open, and the lane that drives it.
class ALaneWithOpenEvents : public ALane {
 protected:
  void SetUp() override {
    ALane::SetUp();
    consumer_.Open();
    consumer_.answer = [](Seq) { return Outcome::kPending; };
    Start(consumer_, Options());
  }

  bool Complete(Seq seq, Status how = {}) {
    return consumer_.completions.load()->Complete(seq, std::move(how));
  }
  bool Delivered(size_t count) {
    return Eventually([this, count] { return consumer_.Notes().size() >= count; });
  }
  bool Saved(Seq seq) {
    return Eventually([this, seq] {
      const auto cursor = cursors_.Load("noting");
      return cursor.ok() && cursor.value() == StoredCursor{seq, ""};
    });
  }

  NotingConsumer consumer_;
};

TEST_F(ALaneWithOpenEvents, KeepsItsCursorBelowTheLowestAndWakesWhenOneEnds) {
  Logons(3);
  ASSERT_TRUE(Delivered(3));
  EXPECT_EQ(lane_->Progress().acknowledged, 0U);
  EXPECT_TRUE(Complete(2));
  EXPECT_TRUE(Complete(1));
  EXPECT_TRUE(Saved(2));
  EXPECT_EQ(lane_->Progress().acknowledged, 2U);
  EXPECT_FALSE(Complete(1));
  EXPECT_TRUE(Complete(3));
  EXPECT_TRUE(Saved(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_FALSE(Complete(9));
}

TEST_F(ALaneWithOpenEvents, OwesWhatItWantsUntilThatIsFinished) {
  Logons(2);
  ASSERT_TRUE(Delivered(2));
  Commit({EventType::kSessionLocked});
  EXPECT_TRUE(lane_->Owes(EventType::kSessionLogon, 2));
  EXPECT_FALSE(lane_->Owes(EventType::kSessionLocked, 3)) << "it does not want them";
  EXPECT_TRUE(lane_->Owes(EventType::kSessionLogon, 4)) << "still to come";
  Complete(2);
  EXPECT_TRUE(Eventually([this] { return !lane_->Owes(EventType::kSessionLogon, 2); }))
      << "whatever is open before it";
  EXPECT_TRUE(lane_->Owes(EventType::kSessionLogon, 1));
  lane_->Stop(seconds(20));
  EXPECT_FALSE(lane_->Owes(EventType::kSessionLogon, 1));
}

TEST_F(ALaneWithOpenEvents, CountsWhatIsOfNoConcernOnlyOnceTheyHaveEnded) {
  Logons(1);
  ASSERT_TRUE(Delivered(1));
  Commit({EventType::kSessionLocked});
  EXPECT_EQ(lane_->Progress().acknowledged, 0U);
  EXPECT_TRUE(Complete(1));
  EXPECT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALaneWithOpenEvents, WaitsBeforeTheSeventeenth) {
  Logons(20);
  ASSERT_TRUE(Delivered(16));
  EXPECT_TRUE(Complete(7));
  ASSERT_TRUE(Delivered(17));
  EXPECT_EQ(consumer_.Notes().back(), "17");
  EXPECT_FALSE(Complete(18)) << "it waits, so it is not open";
  EXPECT_TRUE(lane_->Stop(seconds(20))) << "also while it waits";
  EXPECT_EQ(consumer_.Notes().size(), 18U);
  EXPECT_EQ(consumer_.Notes().back(), "down");
}

TEST_F(ALaneWithOpenEvents, HandsThemOverAgainAfterARestart) {
  Logons(3);
  ASSERT_TRUE(Delivered(3));
  EXPECT_TRUE(Complete(1));
  EXPECT_TRUE(Complete(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));
  NotingConsumer later;
  later.Open();
  later.as_of = 3;
  LaneOptions options = Options();
  options.redelivered_through = 3;
  Start(later, options);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(later.Notes(), (std::vector<std::string>{"again 2", "again 3", "down"}));
}

TEST_F(ALaneWithOpenEvents, TellsTheConsumerWhichFailedAndSkipsThem) {
  Logons(1);
  ASSERT_TRUE(Delivered(1));
  EXPECT_TRUE(Complete(1, {StatusCode::kInternal, "no coffee"}));
  EXPECT_TRUE(Saved(1));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer_.Notes(), (std::vector<std::string>{"1", "failed 1: no coffee", "down"}));
}

TEST_F(ALaneWithOpenEvents, TakesInWhatEndsWhileTheConsumerStops) {
  Logons(2);
  ASSERT_TRUE(Delivered(2));
  consumer_.stop = [this] { EXPECT_TRUE(Complete(1)); };
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));
}

TEST_F(ALaneWithOpenEvents, GoesDownWhenOneThatFailsIsTheLastStrike) {
  Logons(17);
  ASSERT_TRUE(Delivered(16));
  consumer_.exhausted_by_failure = true;
  EXPECT_TRUE(Complete(1, {StatusCode::kInternal, "no"}));
  ASSERT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, "quarantined"}));
  EXPECT_EQ(std::ranges::count(consumer_.Notes(), "17"), 0);
}

TEST_F(ALane, TriesAnEventAgainWhileLaterOnesWait) {
  NotingConsumer consumer;
  consumer.Open();
  int tries = 0;
  consumer.answer = [&tries](Seq seq) {
    return seq == 1 && ++tries < 4 ? Outcome::kRetry : Outcome::kDone;
  };
  LaneOptions options = Options();
  options.retry = {milliseconds(1), milliseconds(2), seconds(20)};
  Start(consumer, options);
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "1", "1", "1", "2", "down"}));
}

TEST_F(ALane, SkipsAnEventThatWasTriedForTooLong) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq seq) { return seq == 1 ? Outcome::kRetry : Outcome::kDone; };
  LaneOptions options = Options();
  options.retry = {milliseconds(1), milliseconds(1), milliseconds(3)};
  Start(consumer, options);
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  const auto notes = consumer.Notes();
  EXPECT_EQ(std::ranges::count_if(
                notes, [](const std::string& note) { return note.starts_with("failed 1: "); }),
            1);
  EXPECT_EQ(notes[notes.size() - 2], "2");
}

TEST_F(ALane, CanBeStoppedWhileAnEventWaitsForItsNextTryWhichIsNotAcknowledged) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq) { return Outcome::kRetry; };
  LaneOptions options = Options();
  options.retry = {seconds(1000), seconds(1000), seconds(1000)};
  Start(consumer, options);
  Logons(1);
  ASSERT_TRUE(Eventually([&consumer] { return !consumer.Notes().empty(); }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "down"}));
  EXPECT_FALSE(cursors_.Load("noting").value().has_value());
}

TEST_F(ALane, LetsItsConsumerDoWhatIsDueThoughNothingComes) {
  NotingConsumer consumer;
  consumer.tend_at = Condition::TimePoint();
  Start(consumer, Options());
  EXPECT_TRUE(Eventually([&consumer] { return consumer.tended > 2; }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALane, SaysThatItsConsumerIsStuckAndCanStillBeStoppedLater) {
  NotingConsumer consumer;
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Eventually([&consumer] { return consumer.Notes().size() == 1; }));
  EXPECT_FALSE(lane_->Stop(milliseconds(1)));
  consumer.Open();
  EXPECT_TRUE(Eventually([&consumer] { return consumer.Notes().back() == "down"; }));
  EXPECT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
}

}  // namespace
}  // namespace broker
