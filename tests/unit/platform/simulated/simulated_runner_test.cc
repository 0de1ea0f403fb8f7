#include "platform/simulated/simulated_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace broker {
namespace {

using ::testing::ElementsAre;

SessionRef SessionOf(const std::string& user) {
  SessionFacts facts;
  facts.user = user;
  facts.key = "boot-" + user;
  return std::make_shared<const Session>(facts);
}

RunOrder Order(int64_t asked_us, SessionRef session = nullptr) {
  RunOrder order;
  order.program = "/bin/a";
  order.output_limit = 4;
  order.time_limit = std::chrono::seconds(5);
  order.asked_us = asked_us;
  order.session = std::move(session);
  return order;
}

class Ends final : public RunListener {
 public:
  void Started(RunId /*run*/, int64_t /*pid*/) noexcept override { ++started; }
  void Ended(RunId /*run*/, RunEnd end) noexcept override { ends.push_back(std::move(end)); }

  int started = 0;
  std::vector<RunEnd> ends;
};

class ASimulatedRun : public ::testing::Test {
 protected:
  RunEnd EndOf(RunOrder order) {
    runner_.Start(std::move(order), ends_);
    return ends_->ends.back();
  }
  int32_t CodeOf(RunOrder order) { return EndOf(std::move(order)).code; }

  void Say(RunRule rule) { script_->Add(std::move(rule)); }
  static RunRule EndsWith(int32_t code, int64_t at_us = 0) {
    RunRule rule;
    rule.at_us = at_us;
    rule.end = EndOfProgram(RunEndKind::kExited, code);
    return rule;
  }

  const std::shared_ptr<RunScript> script_ = std::make_shared<RunScript>();
  const std::shared_ptr<Ends> ends_ = std::make_shared<Ends>();
  SimulatedRunner runner_{script_};
};

TEST_F(ASimulatedRun, EndsWell) {
  const RunEnd end = EndOf(Order(0));
  EXPECT_EQ(end.kind, RunEndKind::kExited);
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(ends_->started, 1);
}

TEST_F(ASimulatedRun, EndsAsOftenAsItIsSaid) {
  RunRule rule = EndsWith(3);
  rule.times = 2;
  Say(rule);
  const std::vector<int32_t> codes{CodeOf(Order(0)), CodeOf(Order(0)), CodeOf(Order(0))};
  EXPECT_THAT(codes, ElementsAre(3, 3, 0));
}

TEST_F(ASimulatedRun, EndsFromTheTimeOnWhenItIsSaid) {
  Say(EndsWith(3, 1000));
  EXPECT_EQ(CodeOf(Order(999)), 0);
  EXPECT_EQ(CodeOf(Order(1000)), 3);
}

TEST_F(ASimulatedRun, EndsAsLongAsItIsSaid) {
  RunRule rule = EndsWith(3, 1000);
  rule.lasting_us = 500;
  Say(rule);
  const std::vector<int32_t> codes{CodeOf(Order(1000)), CodeOf(Order(1499)), CodeOf(Order(1500))};
  EXPECT_THAT(codes, ElementsAre(3, 3, 0));
}

TEST_F(ASimulatedRun, IsPickedByItsProgramItsSessionAndItsUser) {
  const auto say = [this](auto RunRule::*member, const char* value, int32_t code) {
    RunRule rule = EndsWith(code);
    rule.*member = value;
    Say(rule);
  };
  say(&RunRule::program, "/bin/b", 1);
  say(&RunRule::session, "boot-bob", 2);
  say(&RunRule::user, "alice", 3);
  const std::vector<int32_t> codes{CodeOf(Order(0)), CodeOf(Order(0, SessionOf("alice"))),
                                   CodeOf(Order(0, SessionOf("bob")))};
  EXPECT_THAT(codes, ElementsAre(0, 3, 2));
}

TEST_F(ASimulatedRun, ThatRunsOutOfTimeHasTakenAllOfIt) {
  RunRule rule;
  rule.end = EndOfProgram(RunEndKind::kTimedOut, 0);
  Say(rule);
  EXPECT_EQ(EndOf(Order(0)).duration, std::chrono::seconds(5));
}

TEST_F(ASimulatedRun, ThatCannotBeStartedIsNot) {
  RunRule rule;
  rule.end = NotStarted("start", "", 0, "no");
  Say(rule);
  EXPECT_EQ(EndOf(Order(0)).kind, RunEndKind::kNotStarted);
  EXPECT_EQ(ends_->started, 0);
}

TEST_F(ASimulatedRun, HasNoMoreOutputThanIsKept) {
  RunRule rule = EndsWith(0);
  rule.end.output = "123456";
  Say(rule);
  const RunEnd end = EndOf(Order(0));
  EXPECT_EQ(end.output, "1234");
  EXPECT_EQ(end.dropped, 2U);
}

}  // namespace
}  // namespace broker
