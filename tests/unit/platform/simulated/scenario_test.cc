#include "platform/simulated/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "event/utc.h"

namespace broker {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr auto* kStart = "start = \"2026-01-05T07:55:00Z\"\n";

std::vector<std::string> ErrorsIn(const std::string& text) {
  std::vector<std::string> errors;
  for (const SettingsError& error : ParseScenario(text, "s.toml").errors)
    errors.push_back(ToString(error));
  return errors;
}

std::vector<std::string> ErrorsAfterStart(const std::string& steps) {
  return ErrorsIn(kStart + steps);
}

Scenario Read(const std::string& text) {
  LoadedScenario loaded = ParseScenario(text, "s.toml");
  for (const SettingsError& error : loaded.errors) ADD_FAILURE() << ToString(error);
  return loaded.scenario;
}

constexpr auto* kAlice = "[[step]]\nat = \"08:00:00\"\ndo = \"logon\"\nuser = \"alice\"\n";

TEST(AScenario, NeedsNoMoreThanAStart) {
  const Scenario scenario = Read(kStart);
  EXPECT_EQ(FormatUtc(scenario.start_us), "2026-01-05T07:55:00.000000Z");
  EXPECT_TRUE(scenario.stops);
  EXPECT_THAT(scenario.steps, IsEmpty());
  EXPECT_EQ(scenario.boot_id, "");
  EXPECT_EQ(StartOf(scenario).realtime_us, scenario.start_us);
  EXPECT_GT(StartOf(scenario).monotonic_us, 0);
}

TEST(AScenario, HasTimesOfDayAndDistances) {
  const Scenario scenario =
      Read(std::string(kStart) + kAlice +
           "[[step]]\nafter = \"90 s\"\ndo = \"suspend\"\n[[step]]\nafter = \"17 h\"\ndo = "
           "\"resume\"\n[[step]]\nat = \"08:00:00.250000\"\ndo = \"suspend\"\n");
  ASSERT_THAT(scenario.steps, SizeIs(4));
  EXPECT_EQ(FormatUtc(scenario.steps[0].at_us), "2026-01-05T08:00:00.000000Z");
  EXPECT_EQ(FormatUtc(scenario.steps[1].at_us), "2026-01-05T08:01:30.000000Z");
  EXPECT_EQ(FormatUtc(scenario.steps[2].at_us), "2026-01-06T01:01:30.000000Z");
  EXPECT_EQ(FormatUtc(scenario.steps[3].at_us), "2026-01-06T08:00:00.250000Z");
}

TEST(AScenario, HasEveryFactOfALogon) {
  const Scenario scenario = Read(std::string(kStart) +
                                 "then = \"wait\"\n"
                                 "boot_id = \"0123456789abcdef0123456789abcdef\"\n"
                                 "[[step]]\nat = \"08:00:00\"\ndo = \"logon\"\nuser = \"gdm\"\n"
                                 "session = \"screen\"\nid = \"c7\"\nuid = 114\n"
                                 "class = \"greeter\"\ntype = \"x11\"\nseat = \"seat1\"\n"
                                 "display = \":1\"\nbackground = true\n");
  EXPECT_FALSE(scenario.stops);
  EXPECT_EQ(scenario.boot_id, "0123456789abcdef0123456789abcdef");
  ASSERT_THAT(scenario.steps, SizeIs(1));
  const ScenarioStep& step = scenario.steps[0];
  EXPECT_EQ(step.session, "screen");
  EXPECT_EQ(step.logon.user, "gdm");
  EXPECT_EQ(step.logon.id, "c7");
  EXPECT_EQ(step.logon.user_id, "114");
  EXPECT_EQ(step.logon.session_class, "greeter");
  EXPECT_EQ(step.logon.type, "x11");
  EXPECT_EQ(step.logon.seat, "seat1");
  EXPECT_EQ(step.logon.display, ":1");
  EXPECT_FALSE(step.logon.foreground);
}

TEST(AScenario, KnowsEveryVerb) {
  const Scenario scenario = Read(
      std::string(kStart) + kAlice +
      "[[step]]\nafter = \"1 s\"\ndo = \"remote_logon\"\nuser = \"bob\"\nhost = \"192.0.2.7\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"request_lock\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"lock\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"request_unlock\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"unlock\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"switch_away\"\nseat = \"seat0\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"switch_to\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"disconnect\"\nsession = \"bob\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"reconnect\"\nsession = \"bob\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"lose\"\nreason = \"a\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"recover\"\nreason = \"b\"\nforgetful = true\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"suspend\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"resume\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"take_over\"\nsession = \"alice\"\nhost = \"h\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"leave_processes\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"logoff\"\nsession = \"alice\"\n"
      "[[step]]\nafter = \"1 s\"\ndo = \"shut_down\"\nreason = \"reboot\"\n");
  ASSERT_THAT(scenario.steps, SizeIs(18));
  EXPECT_TRUE(scenario.steps[1].logon.remote);
  EXPECT_EQ(scenario.steps[1].logon.remote_host, "192.0.2.7");
  EXPECT_EQ(scenario.steps[1].logon.seat, "");
  EXPECT_EQ(scenario.steps[11].reason, "b");
  EXPECT_EQ(scenario.steps[14].logon.remote_host, "h");
  EXPECT_TRUE(scenario.steps[11].forgetful);
  EXPECT_EQ(scenario.steps[17].reason, "reboot");
}

TEST(AScenario, SaysHowAgentsFare) {
  const Scenario scenario =
      Read(std::string(kStart) + kAlice +
           "[[step]]\nafter = \"1 s\"\ndo = \"agent_fails\"\nagent = \"tray\"\nstage = \"token\"\n"
           "call = \"WTSQueryUserToken\"\ncode = 1008\nsystem = \"windows\"\ntimes = 3\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"agent_fails\"\ncode = 0xC0000142\nlasting = \"1 h\"\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"agent_starts_late\"\nuser = \"alice\"\nby = \"3 s\"\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"agent_runs\"\nfor = \"2 s\"\nsignal = 11\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"agent_exits\"\nsession = \"alice\"\ncode = 3\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"agent_ignores_stop\"\n");
  ASSERT_THAT(scenario.steps, SizeIs(7));
  const auto rule = [&](size_t step) -> const AgentRule& { return scenario.steps[step].agent; };
  EXPECT_EQ(rule(1).twist, AgentTwist::kFails);
  EXPECT_EQ(rule(1).agent, "tray");
  EXPECT_EQ(rule(1).stage, LaunchStage::kToken);
  EXPECT_EQ(rule(1).call, "WTSQueryUserToken");
  EXPECT_EQ(rule(1).code, 1008);
  EXPECT_EQ(rule(1).system, CodeSystem::kWindows);
  EXPECT_EQ(rule(1).times, 3);
  EXPECT_EQ(rule(2).code, static_cast<int32_t>(0xC0000142));
  EXPECT_EQ(rule(2).stage, LaunchStage::kSpawn);
  EXPECT_EQ(rule(2).system, CodeSystem::kLinux);
  EXPECT_EQ(rule(2).lasting_us, int64_t{3600} * 1000000);
  EXPECT_EQ(rule(3).twist, AgentTwist::kStartsLate);
  EXPECT_EQ(rule(3).user, "alice");
  EXPECT_EQ(rule(3).time_us, 3000000);
  EXPECT_EQ(rule(4).twist, AgentTwist::kRuns);
  EXPECT_EQ(rule(4).time_us, 2000000);
  EXPECT_EQ(rule(4).end, LaunchEndKind::kSignaled);
  EXPECT_EQ(rule(4).code, 11);
  EXPECT_EQ(rule(5).twist, AgentTwist::kExits);
  EXPECT_EQ(rule(5).end, LaunchEndKind::kExited);
  EXPECT_EQ(rule(5).code, 3);
  EXPECT_EQ(scenario.steps[5].session, "alice");
  EXPECT_EQ(rule(6).twist, AgentTwist::kIgnoresStop);
}

TEST(AnAgentStep, ThatMakesNoSenseIsAnError) {
  const auto errors = [](const std::string& step) {
    return ErrorsAfterStart("[[step]]\nafter = \"1 s\"\n" + step);
  };
  EXPECT_THAT(errors("do = \"agent_fails\"\nstage = \"early exit\"\n"),
              ElementsAre(HasSubstr("stage")));
  EXPECT_THAT(errors("do = \"agent_fails\"\ntimes = 2\nlasting = \"1 s\"\n"),
              ElementsAre(HasSubstr("has one of the two")));
  EXPECT_THAT(errors("do = \"agent_exits\"\ncode = 1\nsignal = 9\n"),
              ElementsAre(HasSubstr("by one of the two")));
  EXPECT_THAT(errors("do = \"agent_exits\"\nsession = \"nobody\"\n"),
              ElementsAre(HasSubstr("there is no session named \"nobody\" now")));
  EXPECT_THAT(errors("do = \"agent_starts_late\"\n"),
              ElementsAre(HasSubstr("is missing; add by = \"1 s\"")));
  EXPECT_THAT(errors("do = \"agent_exits\"\ntimes = 2\n"), ElementsAre(HasSubstr("times")));
}

TEST(AScenario, SaysHowRunsEnd) {
  const Scenario scenario =
      Read(std::string(kStart) + kAlice +
           "[[step]]\nafter = \"1 s\"\ndo = \"run_ends\"\nprogram = \"/bin/a\"\ncode = 3\n"
           "output = \"no\"\ntimes = 2\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"run_ends\"\nsession = \"alice\"\nsignal = 11\n"
           "[[step]]\nafter = \"1 s\"\ndo = \"run_ends\"\nuser = \"alice\"\nlasting = \"1 h\"\n"
           "result = \"timed_out\"\n");
  ASSERT_THAT(scenario.steps, SizeIs(4));
  const auto rule = [&](size_t step) -> const RunRule& { return scenario.steps[step].run; };
  EXPECT_EQ(rule(1).program, "/bin/a");
  EXPECT_EQ(rule(1).end.kind, RunEndKind::kExited);
  EXPECT_EQ(rule(1).end.code, 3);
  EXPECT_EQ(rule(1).end.output, "no");
  EXPECT_EQ(rule(1).times, 2);
  EXPECT_EQ(scenario.steps[2].session, "alice");
  EXPECT_EQ(rule(2).end.kind, RunEndKind::kSignaled);
  EXPECT_EQ(rule(2).end.code, 11);
  EXPECT_EQ(rule(3).user, "alice");
  EXPECT_EQ(rule(3).end.kind, RunEndKind::kTimedOut);
  EXPECT_EQ(rule(3).lasting_us, int64_t{3600} * 1000000);
}

TEST(ARunStep, ThatMakesNoSenseIsAnError) {
  const auto errors = [](const std::string& step) {
    return ErrorsAfterStart("[[step]]\nafter = \"1 s\"\ndo = \"run_ends\"\n" + step);
  };
  EXPECT_THAT(errors("code = 1\nsignal = 9\n"), ElementsAre(HasSubstr("a run has one")));
  EXPECT_THAT(errors("code = 1\nresult = \"lost\"\n"), ElementsAre(HasSubstr("a run has one")));
  EXPECT_THAT(errors("result = \"gone\"\n"), ElementsAre(HasSubstr("result")));
  EXPECT_THAT(errors("session = \"nobody\"\n"),
              ElementsAre(HasSubstr("there is no session named \"nobody\" now")));
}

TEST(AMissingStart, IsAnError) {
  EXPECT_THAT(ErrorsIn(""), ElementsAre(HasSubstr("start: is missing")));
}

TEST(AWrongStart, IsAnErrorThatShowsARightOne) {
  EXPECT_THAT(ErrorsIn("start = \"5 January\"\n"),
              ElementsAre(AllOf(StartsWith("s.toml:1:9: start: "), HasSubstr("2026-01-05T"))));
}

TEST(AWrongBootId, IsAnError) {
  for (const auto* wrong : {"12", "0123456789ABCDEF0123456789ABCDEF", ""}) {
    EXPECT_THAT(ErrorsAfterStart("boot_id = \"" + std::string(wrong) + "\"\n"),
                ElementsAre(AllOf(StartsWith("s.toml:2:11: boot_id: "), HasSubstr("32"))));
  }
}

TEST(BrokenToml, IsOneErrorWithItsPlace) {
  EXPECT_THAT(ErrorsIn("start = \n"), ElementsAre(StartsWith("s.toml:1:")));
}

TEST(AnUnknownVerb, IsAnErrorWithTheNearestOne) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\ndo = \"logn\"\nuser = \"alice\"\n"),
              ElementsAre(AllOf(StartsWith("s.toml:4:6: step.do: "), HasSubstr("\"logon\""))));
}

TEST(AnUnknownKey, IsAnErrorWithTheNearestOne) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\ndo = \"logon\"\nuser = \"alice\"\n"
                               "clas = \"greeter\"\n"),
              ElementsAre(AllOf(StartsWith("s.toml:6:1: step.clas: "), HasSubstr("class"))));
  EXPECT_THAT(ErrorsAfterStart("[[steps]]\n"), ElementsAre(HasSubstr("step")));
}

TEST(AKeyOfAnotherVerb, IsAnError) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\ndo = \"suspend\"\nuser = \"a\"\n"),
              ElementsAre(StartsWith("s.toml:5:1: step.user: ")));
}

TEST(AStepWithoutATimeOrAVerb, IsAnError) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\n"),
              ElementsAre(HasSubstr("step.at: is missing"), HasSubstr("step.do: is missing")));
}

TEST(AStepWithTwoTimes, IsAnError) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\nafter = \"1 s\"\ndo = \"suspend\"\n"),
              ElementsAre(AllOf(StartsWith("s.toml:4:9: step.after: "), HasSubstr("beside at"))));
}

TEST(ATimeThatIsNone, IsAnError) {
  for (const auto* wrong : {"8:00", "25:00:00", "08:00:00Z", "noon", ""})
    EXPECT_THAT(
        ErrorsAfterStart("[[step]]\nat = \"" + std::string(wrong) + "\"\ndo = \"suspend\"\n"),
        ElementsAre(StartsWith("s.toml:3:6: step.at: expected a time of day")))
        << wrong;
}

TEST(TimeThatGoesBackwards, IsAnError) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"07:54:59\"\ndo = \"suspend\"\n"),
              ElementsAre(AllOf(StartsWith("s.toml:3:6: step.at: "), HasSubstr("07:55:00"))));
}

TEST(ASessionThatDoesNotExist, IsAnErrorAtItsName) {
  EXPECT_THAT(
      ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\ndo = \"lock\"\nsession = \"alice\"\n"),
      ElementsAre(AllOf(StartsWith("s.toml:5:11: step.session: "), HasSubstr("\"alice\""))));
}

TEST(ASessionThatIsGone, IsAnError) {
  EXPECT_THAT(ErrorsAfterStart(std::string(kAlice) +
                               "[[step]]\nafter = \"1 s\"\ndo = \"logoff\"\nsession = \"alice\"\n"
                               "[[step]]\nafter = \"1 s\"\ndo = \"lock\"\nsession = \"alice\"\n"),
              ElementsAre(StartsWith("s.toml:13:11: step.session: ")));
}

TEST(ARemoteSession, CannotBeTakenOver) {
  EXPECT_THAT(ErrorsAfterStart(
                  "[[step]]\nafter = \"1 s\"\ndo = \"remote_logon\"\nuser = \"bob\"\n"
                  "host = \"h\"\n[[step]]\nafter = \"1 s\"\ndo = \"take_over\"\nsession = \"bob\"\n"
                  "host = \"h\"\n"),
              ElementsAre(HasSubstr("has no seat to leave")));
}

TEST(ANameOrAnIdThatIsTaken, IsAnError) {
  EXPECT_THAT(ErrorsAfterStart(std::string(kAlice) + kAlice),
              ElementsAre(HasSubstr("name of its own")));
  EXPECT_THAT(
      ErrorsAfterStart(std::string(kAlice) + "[[step]]\nafter = \"1 s\"\ndo = \"logon\"\nuser = "
                                             "\"bob\"\nid = \"1\"\n"),
      ElementsAre(HasSubstr("a session \"1\" already")));
}

TEST(AnythingAfterTheShutdown, IsOneError) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\ndo = \"shut_down\"\n" +
                               std::string(kAlice) + kAlice),
              ElementsAre(AllOf(StartsWith("s.toml:7:6: step.do: "), HasSubstr("shut down"))));
}

TEST(AllErrors, AreReportedAtOnceAndInTheirOrder) {
  EXPECT_THAT(
      ErrorsIn("then = \"halt\"\n"
               "[[step]]\nat = \"08:00:00\"\ndo = \"logon\"\n"
               "[[step]]\nafter = \"soon\"\ndo = \"logon\"\nuser = \"bob\"\n"
               "[[step]]\nat = \"07:00:00\"\ndo = \"lock\"\nsession = \"carol\"\n"
               "[[step]]\nafter = \"1 s\"\ndo = \"unlock\"\nsession = \"dave\"\n"),
      ElementsAre(HasSubstr("start: "), HasSubstr("s.toml:1:8: then: "), HasSubstr("step.user: "),
                  HasSubstr("s.toml:6:9: step.after: "), HasSubstr("s.toml:10:6: step.at: "),
                  HasSubstr("s.toml:16:11: step.session: ")));
}

TEST(OneMistake, IsNotReportedAsMany) {
  EXPECT_THAT(ErrorsAfterStart("[[step]]\nat = \"08:00:00\"\ndo = \"logn\"\nuser = \"alice\"\n"
                               "[[step]]\nafter = \"1 s\"\ndo = \"lock\"\nsession = \"alice\"\n"
                               "[[step]]\nafter = \"1 s\"\ndo = \"logoff\"\nsession = \"alice\"\n"),
              SizeIs(1));
}

TEST(AMistakenStep, IsNotBlamedOnThoseBehindIt) {
  EXPECT_THAT(ErrorsAfterStart(std::string(kAlice) +
                               "[[step]]\nafter = \"1 s\"\ndo = \"suspend\"\n"
                               "[[step]]\nafter = \"1 s\"\ndo = \"resum\"\n"
                               "[[step]]\nafter = \"1 s\"\ndo = \"lock\"\nsession = \"alice\"\n"),
              ElementsAre(HasSubstr("\"resume\"")));
}

TEST(AMissingFile, IsAnError) {
  const LoadedScenario loaded = LoadScenario("/nonexistent/day.toml");
  ASSERT_THAT(loaded.errors, SizeIs(1));
  EXPECT_THAT(ToString(loaded.errors[0]), StartsWith("/nonexistent/day.toml: "));
}

}  // namespace
}  // namespace broker
