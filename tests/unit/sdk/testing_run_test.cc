// Programs that a plugin runs on the fake broker.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sdk/acting_fixture.h"

namespace {

using acting::script;
using testing::ElementsAre;
using testing::IsEmpty;

using ARunOnAFakeHost = acting::Fixture;

usher::RunRequest RequestOf(const std::string& program) {
  usher::RunRequest request;
  request.program = program;
  request.arguments = {"-x"};
  request.variables = {{"NAME", "value"}};
  request.input = std::string("a\0b", 3);
  return request;
}

TEST_F(ARunOnAFakeHost, KeepsTheProgramsThatAreRunUntilTheTestEndsThem) {
  std::string told;
  script.event = [&told](const usher::Host& host, const usher::Event&) {
    script.runs.push_back(
        host.Runner()->Start(RequestOf("/bin/x"), [&told](const usher::RunResult& result) {
          told = std::to_string(result.code()) + " " + std::string(result.output()) + " " +
                 std::string(result.meaning());
        }));
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  ASSERT_EQ(host_.Runs().size(), 1U);
  const usher::testing::StartedRun run = host_.Runs().front();
  EXPECT_EQ(run.program, "/bin/x");
  EXPECT_THAT(run.arguments, ElementsAre("-x"));
  EXPECT_EQ(run.variables.at("NAME"), "value");
  EXPECT_EQ(run.input, std::string("a\0b", 3));
  EXPECT_EQ(run.cause, 1U);
  EXPECT_EQ(told, "");
  EXPECT_TRUE(plugin_->EndRun(run.run, {USHER_RUN_EXITED, 3, "", "", "it is done", "out"}));
  EXPECT_EQ(told, "3 out it is done");
  EXPECT_THAT(host_.Runs(), IsEmpty());
  EXPECT_EQ(plugin_->EndRun(run.run).status, USHER_NOT_FOUND);
  EXPECT_THAT(host_.CancelledRuns(), IsEmpty());
}

TEST_F(ARunOnAFakeHost, KnowsWhichProgramsThePluginCancels) {
  script.event = [](const usher::Host& host, const usher::Event&) {
    script.runs.clear();
    script.runs.push_back(host.Runner()->Start(
        RequestOf("/bin/x"), [](const usher::RunResult&) { FAIL() << "it is not wanted"; }));
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  Deliver();
  Deliver();
  EXPECT_THAT(host_.CancelledRuns(), ElementsAre(1U));
  ASSERT_EQ(host_.Runs().size(), 1U);
  plugin_->Stop();
  EXPECT_THAT(host_.CancelledRuns(), ElementsAre(1U, 2U));
  EXPECT_THAT(host_.Runs(), IsEmpty());
}

TEST_F(ARunOnAFakeHost, RefusesWhatTheBrokerWouldNotRun) {
  script.init = [](const usher::Host& host) {
    EXPECT_THROW((void)host.Runner()->Start(RequestOf("/bin/x"), nullptr), usher::Error);
  };
  script.event = [](const usher::Host& host, const usher::Event&) {
    usher::RunRequest request = RequestOf("/bin/x");
    request.time_limit = std::chrono::microseconds(1);
    EXPECT_THROW((void)host.Runner()->Start(request, nullptr), usher::Error);
    EXPECT_THROW((void)host.Runner()->Start(RequestOf("x"), nullptr), usher::Error);
    request = RequestOf("/bin/x");
    request.run_as = usher::RunAs::kSessionUser;
    EXPECT_THROW((void)host.Runner()->Start(request, nullptr), usher::Error);
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  EXPECT_THAT(host_.Runs(), IsEmpty());
}

}  // namespace
