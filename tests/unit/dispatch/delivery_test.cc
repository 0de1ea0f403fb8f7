#include "dispatch/delivery.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A consumer that answers as a test says, and notes what failed.
class AnsweringConsumer final : public Consumer {
 public:
  Result<Activation> Activate(Completions&) override { return Activation{}; }
  Outcome Deliver(const DeliveredEvent& event) override { return answer(event.event.seq); }
  void Failed(Seq seq, uint32_t chain, const Status& why) override {
    failures.push_back(std::to_string(seq) + " chain " + std::to_string(chain) + ": " +
                       why.message());
  }
  void Skipped(Seq, Seq, const std::string&) override {}
  void Troubled(const Status&) override {}
  Condition::TimePoint Tend() override { return Condition::TimePoint::max(); }
  [[nodiscard]] bool Exhausted() const override { return false; }
  void Deactivate() noexcept override {}

  std::function<Outcome(Seq)> answer = [](Seq) { return Outcome::kDone; };
  std::vector<std::string> failures;
};

class ADelivery : public ::testing::Test {
 protected:
  bool Deliver(Seq seq, uint32_t chain = 0) {
    Event event;
    event.seq = seq;
    event.chain = chain;
    return delivery_.Deliver({event, "{}", "boot"});
  }
  void AnswerAll(Outcome outcome) {
    consumer_.answer = [outcome](Seq) { return outcome; };
  }

  static constexpr Condition::TimePoint kNow{};
  static constexpr Condition::TimePoint kNever = Condition::TimePoint::max();

  AnsweringConsumer consumer_;
  Delivery delivery_{consumer_, {milliseconds(1), milliseconds(2), milliseconds(5)}};
};

TEST_F(ADelivery, FinishesWhatIsDoneAndWhatFailed) {
  EXPECT_TRUE(Deliver(1));
  AnswerAll(Outcome::kFailed);
  EXPECT_TRUE(Deliver(2));
  EXPECT_EQ(delivery_.Finished(2), 2U);
  EXPECT_EQ(delivery_.ReadyAt(), kNow);
  EXPECT_THAT(consumer_.failures, IsEmpty()) << "the consumer knows";
}

TEST_F(ADelivery, HoldsTheCursorBelowTheLowestOpenEvent) {
  AnswerAll(Outcome::kPending);
  for (const Seq seq : {2U, 3U, 5U}) EXPECT_TRUE(Deliver(seq));
  EXPECT_EQ(delivery_.Finished(6), 1U);
  EXPECT_TRUE(delivery_.Complete(3, {}));
  delivery_.Settle();
  EXPECT_EQ(delivery_.Finished(6), 1U);
  EXPECT_TRUE(delivery_.Complete(2, {}));
  delivery_.Settle();
  EXPECT_EQ(delivery_.Finished(6), 4U);
  EXPECT_TRUE(delivery_.Complete(5, {}));
  EXPECT_FALSE(delivery_.Complete(5, {}));
  delivery_.Settle();
  EXPECT_EQ(delivery_.Finished(6), 6U);
  EXPECT_THAT(consumer_.failures, IsEmpty());
}

TEST_F(ADelivery, TellsTheConsumerWhichOpenEventFailed) {
  AnswerAll(Outcome::kPending);
  EXPECT_TRUE(Deliver(2, 4));
  EXPECT_TRUE(delivery_.Complete(2, {StatusCode::kInternal, "no coffee"}));
  EXPECT_THAT(consumer_.failures, IsEmpty());
  delivery_.Settle();
  EXPECT_THAT(consumer_.failures, ElementsAre("2 chain 4: no coffee"));
  EXPECT_EQ(delivery_.Finished(2), 2U);
}

TEST_F(ADelivery, TakesACompletionThatComesBeforeTheAnswer) {
  consumer_.answer = [this](Seq seq) {
    EXPECT_TRUE(delivery_.Complete(seq, {StatusCode::kInternal, "early"}));
    return Outcome::kPending;
  };
  EXPECT_TRUE(Deliver(2));
  EXPECT_THAT(consumer_.failures, ElementsAre("2 chain 0: early"));
  EXPECT_EQ(delivery_.Finished(2), 2U);
}

TEST_F(ADelivery, WaitsBeforeTheSeventeenth) {
  AnswerAll(Outcome::kPending);
  for (Seq seq = 1; seq <= 16; ++seq) {
    EXPECT_EQ(delivery_.ReadyAt(), kNow);
    EXPECT_TRUE(Deliver(seq));
  }
  EXPECT_EQ(delivery_.ReadyAt(), kNever);
  EXPECT_TRUE(delivery_.Complete(16, {}));
  delivery_.Settle();
  EXPECT_EQ(delivery_.ReadyAt(), kNow);
}

TEST_F(ADelivery, TriesAgainUntilItIsDone) {
  AnswerAll(Outcome::kRetry);
  const auto before = steady_clock::now();
  EXPECT_FALSE(Deliver(1));
  EXPECT_GE(delivery_.ReadyAt(), before + milliseconds(1));
  EXPECT_LE(delivery_.ReadyAt(), steady_clock::now() + milliseconds(1));
  AnswerAll(Outcome::kDone);
  EXPECT_TRUE(Deliver(1));
  EXPECT_EQ(delivery_.ReadyAt(), kNow);
  EXPECT_THAT(consumer_.failures, IsEmpty());
}

TEST_F(ADelivery, GivesEachEventItsOwnTime) {
  AnswerAll(Outcome::kRetry);
  EXPECT_FALSE(Deliver(1));
  const auto over = steady_clock::now() + milliseconds(5);
  AnswerAll(Outcome::kDone);
  EXPECT_TRUE(Deliver(1));
  while (steady_clock::now() < over) {
  }
  AnswerAll(Outcome::kRetry);
  EXPECT_FALSE(Deliver(2));
  EXPECT_THAT(consumer_.failures, IsEmpty());
}

TEST_F(ADelivery, GivesUpAnEventThatIsTriedForTooLong) {
  AnswerAll(Outcome::kRetry);
  const auto begin = steady_clock::now();
  while (!Deliver(1, 3)) {
    while (steady_clock::now() < delivery_.ReadyAt()) {
    }
  }
  EXPECT_GE(steady_clock::now() - begin, milliseconds(5));
  EXPECT_EQ(delivery_.ReadyAt(), kNow);
  EXPECT_THAT(consumer_.failures, ElementsAre("1 chain 3: it asked for another try for 1 seconds; "
                                              "the event is skipped"));
}

}  // namespace
}  // namespace broker
