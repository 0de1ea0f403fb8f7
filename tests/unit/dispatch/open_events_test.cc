#include "dispatch/open_events.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OpenEventsTest : public ::testing::Test {
 protected:
  /// Delivers an event that is answered kPending.
  void Open(Seq seq) {
    open_.Begin(seq);
    open_.Keep(seq, 0);
  }

  /// What has ended: each seq, with "!" behind one that failed.
  std::vector<std::string> Ended() {
    std::vector<std::string> ended;
    for (const OpenEvents::Ended& event : open_.TakeEnded()) {
      ended.push_back(std::to_string(event.seq) + (event.how.ok() ? "" : "!"));
    }
    return ended;
  }

  const Status failed_{StatusCode::kInternal, "no"};
  OpenEvents open_;
};

TEST_F(OpenEventsTest, EndInAnyOrderAndTheLowestStaysTheLowest) {
  EXPECT_EQ(open_.Lowest(), std::nullopt);
  for (const Seq seq : {3U, 5U, 9U}) Open(seq);
  EXPECT_TRUE(open_.Complete(5, {}));
  EXPECT_THAT(Ended(), ElementsAre("5"));
  EXPECT_EQ(open_.Lowest(), 3U);
  EXPECT_TRUE(open_.Complete(3, failed_));
  EXPECT_EQ(open_.Lowest(), 3U) << "it counts until it is taken";
  EXPECT_THAT(Ended(), ElementsAre("3!"));
  EXPECT_EQ(open_.Lowest(), 9U);
  EXPECT_THAT(Ended(), IsEmpty());
}

TEST_F(OpenEventsTest, AreOpenOnceOnly) {
  Open(3);
  EXPECT_TRUE(open_.Complete(3, {}));
  EXPECT_FALSE(open_.Complete(3, {}));
  EXPECT_THAT(Ended(), ElementsAre("3"));
  EXPECT_FALSE(open_.Complete(3, {}));
  EXPECT_THAT(Ended(), IsEmpty());
}

TEST_F(OpenEventsTest, AreOnlyThoseThatWereDelivered) {
  EXPECT_FALSE(open_.Complete(0, {}));
  EXPECT_FALSE(open_.Complete(1, {}));
  Open(3);
  EXPECT_FALSE(open_.Complete(4, {}));
  EXPECT_FALSE(open_.Complete(0, {}));
  EXPECT_THAT(Ended(), IsEmpty());
}

TEST_F(OpenEventsTest, MayEndBeforeTheirDeliveryHasReturned) {
  open_.Begin(3);
  EXPECT_TRUE(open_.Complete(3, failed_));
  EXPECT_FALSE(open_.Complete(3, {})) << "twice";
  EXPECT_THAT(Ended(), IsEmpty());
  open_.Keep(3, 7);
  const auto ended = open_.TakeEnded();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().chain, 7U);
  EXPECT_FALSE(ended.front().how.ok());
  EXPECT_EQ(open_.Lowest(), std::nullopt);
}

TEST_F(OpenEventsTest, EndNeverWhereTheAnswerWasAnother) {
  open_.Begin(3);
  EXPECT_TRUE(open_.Complete(3, {}));
  open_.End();
  EXPECT_FALSE(open_.Complete(3, {}));
  Open(4);
  EXPECT_THAT(Ended(), IsEmpty());
  EXPECT_EQ(open_.Lowest(), 4U);
}

TEST_F(OpenEventsTest, AreNotEndedByWhatWasSaidOfAnEarlierTry) {
  open_.Begin(3);
  EXPECT_TRUE(open_.Complete(3, {}));
  open_.Forget();
  Open(3);
  EXPECT_THAT(Ended(), IsEmpty());
  EXPECT_TRUE(open_.Complete(3, {}));
}

TEST_F(OpenEventsTest, AreSixteenAtMost) {
  for (Seq seq = 1; seq <= 16; ++seq) {
    EXPECT_FALSE(open_.Full()) << seq;
    Open(seq);
  }
  EXPECT_TRUE(open_.Full());
  EXPECT_TRUE(open_.Complete(9, {}));
  EXPECT_THAT(Ended(), ElementsAre("9"));
  EXPECT_FALSE(open_.Full());
}

TEST_F(OpenEventsTest, AreNeverLostBetweenThreads) {
  constexpr Seq kEvents = 5'000;
  std::atomic<Seq> delivering = 0;
  std::atomic<Seq> answered = 0;
  std::thread completing([&] {
    for (Seq seq = 1; seq <= kEvents; ++seq) {
      while (delivering < seq) std::this_thread::yield();
      if (open_.Complete(seq, {})) ++answered;
    }
  });
  Seq ended = 0;
  for (Seq seq = 1; seq <= kEvents; ++seq) {
    open_.Begin(seq);
    delivering = seq;
    open_.Keep(seq, 0);
    do {
      ended += open_.TakeEnded().size();
    } while (open_.Full());
  }
  completing.join();
  ended += open_.TakeEnded().size();
  EXPECT_EQ(answered, kEvents);
  EXPECT_EQ(ended, kEvents);
  EXPECT_EQ(open_.Lowest(), std::nullopt);
}

}  // namespace
}  // namespace broker
