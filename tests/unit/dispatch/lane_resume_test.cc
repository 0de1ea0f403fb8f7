// A lane that goes on where another of the same instance ended.
#include <optional>
#include <thread>

#include "tests/unit/dispatch/lane_fixture.h"

namespace broker {
namespace {

using std::chrono::seconds;
using testing::Eventually;
using testing::NotingConsumer;
using ALane = testing::LaneFixture;

/// Where a lane ended that had delivered up to `handed_over`.
std::optional<LaneEnd> EndOf(Seq handed_over, std::vector<Seq> open = {}) {
  return LaneEnd{handed_over, std::move(open)};
}

TEST_F(ALane, SaysWhereItEnded) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq seq) { return seq % 2 == 0 ? Outcome::kPending : Outcome::kDone; };
  Start(consumer, Options());
  Logons(5);
  ASSERT_TRUE(Eventually([&] { return consumer.Notes().size() == 5; }));
  consumer.completions.load()->Complete(4, {});
  ASSERT_TRUE(lane_->Stop(seconds(20)));
  const auto end = lane_->End();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->handed_over, 5U);
  EXPECT_EQ(end->open, std::vector<Seq>{2});
}

TEST_F(ALane, ThatNeverWasUpEndedNowhere) {
  NotingConsumer consumer;
  consumer.activate_status = {StatusCode::kInternal, "no"};
  lane_ = Lane::Create(Options(), consumer, {hub_, log_->Ring(), *files_, cursors_});
  EXPECT_FALSE(lane_->Activate(seconds(20)).ok());
  ASSERT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_FALSE(lane_->End().has_value());
}

TEST_F(ALane, GoesOnWhereTheOneBeforeEndedThoughNoCursorSaysSo) {
  Logons(4);
  LaneOptions options = Options();
  options.resume = EndOf(2);
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 4;
  Start(consumer, options);
  Logons(1);
  ASSERT_TRUE(Finished(5));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"3", "4", "5", "down"}));
}

TEST_F(ALane, HandsOverAgainOnlyWhatTheOneBeforeHadOpen) {
  Logons(5);
  LaneOptions options = Options();
  options.resume = EndOf(4, {2, 4});
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 5;
  Start(consumer, options);
  ASSERT_TRUE(Finished(5));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"again 2", "again 4", "5", "down"}));
}

TEST_F(ALane, PassesOnWhatTheOneBeforeHadFinishedThoughItHasNotComeToIt) {
  Logons(6);
  LaneOptions options = Options();
  options.resume = EndOf(5, {2, 4});
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 6;
  consumer.answer = [](Seq) { return Outcome::kRetry; };
  Start(consumer, options);
  ASSERT_TRUE(Eventually([&] { return !consumer.Notes().empty(); }));
  ASSERT_TRUE(lane_->Stop(seconds(20)));
  ASSERT_TRUE(lane_->End().has_value());
  EXPECT_EQ(lane_->End()->handed_over, 5U);
  EXPECT_EQ(lane_->End()->open, (std::vector<Seq>{2, 4}));
}

TEST_F(ALane, SkipsNothingThatTheOneBeforeHadThoughNoCursorSaysSo) {
  Logons(6);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "disabled").ok());
  LaneOptions options = Options();
  options.finished = 4;
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 6;
  Start(consumer, options);
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 5-6 disabled", "down"}));
}

TEST_F(ALane, ThatWasAbandonedWritesNoCursorThoughItComesBack) {
  NotingConsumer consumer;
  Start(consumer, Options());
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  Logons(1);
  ASSERT_TRUE(Eventually([&] { return consumer.Notes().size() == 1; }));
  lane_->Abandon();
  const auto end = std::make_shared<std::promise<void>>();
  consumer.stop = [end] { end->set_value(); };  // Its cursor would have been closed before.
  consumer.Open();
  end->get_future().wait();
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{0, ""}));
  EXPECT_FALSE(lane_->Stop(seconds(20)));
  const std::weak_ptr<Lane> lane = std::exchange(lane_, nullptr);
  ASSERT_TRUE(Eventually([&] { return lane.expired(); }));
}

TEST_F(ALane, LosesAndRepeatsNothingThoughItIsReplacedUnderLoad) {
  std::thread writer([&] {
    for (int batch = 0; batch < 200; ++batch) Logons(3);
  });
  std::vector<std::string> all;
  std::optional<LaneEnd> end = EndOf(0);
  while (end->handed_over < 600) {
    LaneOptions options = Options();
    options.resume = end;
    NotingConsumer consumer;
    consumer.Open();
    consumer.committed = &committed_;
    Start(consumer, options);
    ASSERT_TRUE(Finished(end->handed_over + 1));
    ASSERT_TRUE(lane_->Stop(seconds(20)));
    end = lane_->End();
    for (std::string& note : consumer.Notes()) {
      if (note != "down") all.push_back(std::move(note));
    }
  }
  writer.join();
  ASSERT_EQ(all.size(), 600U);
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], std::to_string(i + 1));
}

}  // namespace
}  // namespace broker
