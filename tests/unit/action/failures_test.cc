#include "action/failures.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <climits>
#include <set>
#include <string>
#include <utility>

namespace broker {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using enum CodeSystem;
using enum LaunchStage;
using enum Remedy;

constexpr int32_t kNoSuchCode = INT_MAX;

int32_t Hex(uint32_t code) {
  return static_cast<int32_t>(code);
}

std::string TestName(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

class ARow : public ::testing::TestWithParam<FailureRow> {};

TEST_P(ARow, IsWhatComesOfItsCondition) {
  const FailureRow& row = GetParam();
  const CodeSystem system = row.system == CodeSystem::kAny ? kLinux : row.system;
  const LaunchFailure failure = Explain(system, row.stage.value_or(kSpawn), row.call,
                                        row.code.value_or(kNoSuchCode), "otherwise", row.session);
  EXPECT_EQ(failure.meaning, row.meaning);
  EXPECT_EQ(failure.advice, row.advice);
  EXPECT_EQ(failure.remedy, row.remedy);
  EXPECT_EQ(failure.until, row.until);
  EXPECT_EQ(failure.stage, row.stage.value_or(kSpawn));
  EXPECT_EQ(failure.call, row.call);
  EXPECT_EQ(failure.code, row.code.value_or(kNoSuchCode));
}

TEST_P(ARow, SaysWhatItMeansAndWhatToDo) {
  const FailureRow& row = GetParam();
  for (const std::string_view text : {row.meaning, row.advice}) {
    ASSERT_FALSE(text.empty());
    EXPECT_NE(text.back(), '.') << text;
  }
  EXPECT_EQ(row.remedy == kDefer, row.until != EventType::kUnknown);
}

TEST_P(ARow, IsFoundByItsIdAndItsCode) {
  const FailureRow& row = GetParam();
  const auto holds = [](const std::vector<const FailureRow*>& rows, const FailureRow& wanted) {
    return std::any_of(rows.begin(), rows.end(), [&](const FailureRow* found) {
      return found->id == wanted.id && found->system == wanted.system;
    });
  };
  EXPECT_TRUE(holds(FindRows(row.id), row));
  if (row.code) {
    EXPECT_TRUE(holds(FindRows(CodeText(row)), row)) << CodeText(row);
  }
  if (!row.symbol.empty()) {
    EXPECT_TRUE(holds(FindRows(row.symbol), row));
  }
}

INSTANTIATE_TEST_SUITE_P(OfTheTable, ARow, ::testing::ValuesIn(FailureRows()), [](const auto& row) {
  return TestName(std::string(Name(row.param.system)) + "_" + std::string(row.param.id));
});

TEST(TheTableOfFailures, HasNoIdTwiceForASystem) {
  std::set<std::pair<CodeSystem, std::string_view>> ids;
  for (const FailureRow& row : FailureRows()) {
    EXPECT_TRUE(ids.emplace(row.system, row.id).second) << row.id;
  }
}

TEST(TheTableOfFailures, KnowsEveryExitCodeThatTheServiceManagerGives) {
  const std::set<int32_t> unused{223, 234};
  for (int32_t code = 200; code <= 243; ++code) {
    if (unused.contains(code)) continue;
    const LaunchFailure failure = Explain(kLinux, kSpawn, "StartTransientUnit", code, "otherwise");
    EXPECT_NE(failure.meaning, "otherwise") << code;
  }
}

/// A condition that somebody has met, and what is to be done about it.
struct Met {
  std::string name;
  CodeSystem system;
  LaunchStage stage;
  std::string call;
  int32_t code;
  SessionIs session;
  Remedy remedy;
  EventType until = EventType::kUnknown;
};

void PrintTo(const Met& met, std::ostream* out) {
  *out << met.name;
}

class AFailure : public ::testing::TestWithParam<Met> {};

TEST_P(AFailure, HasItsRemedy) {
  const Met& met = GetParam();
  const LaunchFailure failure =
      Explain(met.system, met.stage, met.call, met.code, "otherwise", met.session);
  EXPECT_EQ(Name(failure.remedy), Name(met.remedy)) << failure.meaning;
  EXPECT_EQ(Name(failure.until), Name(met.until));
}

constexpr auto kAnyhow = SessionIs::kAnyhow;
constexpr auto kGone = SessionIs::kGone;
constexpr auto kAway = SessionIs::kAway;
constexpr auto kFront = SessionIs::kFront;
constexpr auto* kCreate = "CreateProcessAsUser";
constexpr auto* kUnit = "StartTransientUnit";

INSTANTIATE_TEST_SUITE_P(
    OfWindows, AFailure,
    ::testing::Values(
        Met{"console switching", kWindows, kSession, "WTSGetActiveConsoleSessionId",
            Hex(0xFFFFFFFF), kAnyhow, kDefer, EventType::kConsoleSwitched},
        Met{"nobody logged on", kWindows, kToken, "WTSQueryUserToken", 1008, kFront, kDefer,
            EventType::kSessionLogon},
        Met{"a null token", kWindows, kToken, "WTSQueryUserToken", 0, kFront, kDefer,
            EventType::kSessionLogon},
        Met{"session gone by 2", kWindows, kToken, "WTSQueryUserToken", 2, kAnyhow, kDrop},
        Met{"session gone by 7022", kWindows, kToken, "WTSQueryUserToken", 7022, kAnyhow, kDrop},
        Met{"session gone at the lookup", kWindows, kSession, "WTSQuerySessionInformation", 7022,
            kAnyhow, kDrop},
        Met{"5 for an ended session", kWindows, kSpawn, kCreate, 5, kGone, kDrop},
        Met{"5 for a live session", kWindows, kSpawn, kCreate, 5, kFront, kFix},
        Met{"5 for a token", kWindows, kToken, "WTSQueryUserToken", 5, kFront, kFix},
        Met{"wrong account for a token", kWindows, kToken, "WTSQueryUserToken", 1314, kFront, kFix},
        Met{"wrong account for a start", kWindows, kSpawn, kCreate, 1314, kFront, kFix},
        Met{"null out pointer", kWindows, kToken, "WTSQueryUserToken", 87, kFront, kFix},
        Met{"233 at the logon screen", kWindows, kSpawn, kCreate, 233, kFront, kRetry},
        Met{"87 at the logon screen", kWindows, kSpawn, kCreate, 87, kFront, kRetry},
        Met{"233 in a session nobody sees", kWindows, kSpawn, kCreate, 233, kAway, kDefer,
            EventType::kSessionConnected},
        Met{"87 in a session nobody sees", kWindows, kSpawn, kCreate, 87, kAway, kDefer,
            EventType::kSessionConnected},
        Met{"233 of a pipe", kWindows, kSession, "WTSQuerySessionInformation", 233, kFront, kRetry},
        Met{"dies at boot in a session nobody sees", kWindows, kEarlyExit, "", 1, kAway, kDefer,
            EventType::kSessionConnected},
        Met{"dies in front", kWindows, kEarlyExit, "", 1, kFront, kRetry},
        Met{"file missing", kWindows, kSpawn, kCreate, 2, kFront, kFix},
        Met{"folder missing", kWindows, kSpawn, kCreate, 3, kFront, kFix},
        Met{"no program", kWindows, kSpawn, kCreate, 193, kFront, kFix},
        Met{"directory missing", kWindows, kSpawn, kCreate, 267, kFront, kFix},
        Met{"dll init or desktop heap", kWindows, kEarlyExit, "", Hex(0xC0000142), kFront, kRetry},
        Met{"dll init in a session nobody sees", kWindows, kEarlyExit, "", Hex(0xC0000142), kAway,
            kDefer, EventType::kSessionConnected},
        Met{"dll init at a logoff", kWindows, kEarlyExit, "", Hex(0xC0000142), kGone, kDrop},
        Met{"1008 at a logoff", kWindows, kToken, "WTSQueryUserToken", 1008, kGone, kDrop},
        Met{"session zero", kWindows, kSession, "session 0", 0, kAnyhow, kDrop},
        Met{"no user environment", kWindows, kEnvironment, "CreateEnvironmentBlock", 5, kFront,
            kRetry},
        Met{"profile not loaded", kWindows, kEnvironment, "RegOpenKeyEx", 2, kFront, kRetry},
        Met{"already in a job", kWindows, kSpawn, "AssignProcessToJobObject", 5, kFront, kFix},
        Met{"terminal services too early", kWindows, kToken, "WTSQueryUserToken", 1702, kFront,
            kRetry},
        Met{"terminal services too early for a session", kWindows, kSession, "WTSEnumerateSessions",
            1702, kAnyhow, kRetry},
        Met{"a code that nobody knows", kWindows, kSpawn, kCreate, 4242, kFront, kRetry}),
    [](const auto& met) { return TestName(met.param.name); });

INSTANTIATE_TEST_SUITE_P(
    OfLinux, AFailure,
    ::testing::Values(
        Met{"session gone", kLinux, kSession, "GetSession", 6, kAnyhow, kDrop},
        Met{"logind gone", kLinux, kSession, "GetSession", 113, kFront, kRetry},
        Met{"logind restarting", kLinux, kSession, "GetSession", 104, kFront, kRetry},
        Met{"no such user", kLinux, kToken, "getpwuid", 0, kFront, kRetry},
        Met{"broker not of root", kLinux, kToken, "setuid", 1, kFront, kFix},
        Met{"no runtime directory", kLinux, kEnvironment, "runtime directory", 110, kFront, kRetry},
        Met{"no user bus", kLinux, kEnvironment, "user bus", 110, kFront, kRetry},
        Met{"no display", kLinux, kEnvironment, "display", 110, kFront, kRetry},
        Met{"no user manager", kLinux, kEnvironment, "user manager", 2, kFront, kRetry},
        Met{"program missing", kLinux, kSpawn, "execve", 2, kFront, kFix},
        Met{"program not executable", kLinux, kSpawn, "execve", 13, kFront, kFix},
        Met{"no interpreter line", kLinux, kSpawn, "execve", 8, kFront, kFix},
        Met{"unit exists", kLinux, kSpawn, kUnit, 17, kFront, kRetry},
        Met{"scope gone", kLinux, kSpawn, kUnit, 2, kFront, kDrop},
        Met{"scope ending", kLinux, kSpawn, "JobRemoved: dependency", 0, kFront, kDrop},
        Met{"systemd unreachable", kLinux, kSpawn, "connect", 111, kFront, kRetry},
        Met{"systemd silent", kLinux, kSpawn, kUnit, 110, kFront, kRetry},
        Met{"systemd refuses", kLinux, kSpawn, kUnit, 13, kFront, kFix},
        Met{"exec by systemd", kLinux, kSpawn, kUnit, 203, kFront, kFix},
        Met{"directory by systemd", kLinux, kSpawn, kUnit, 200, kFront, kFix},
        Met{"user by systemd", kLinux, kSpawn, kUnit, 217, kFront, kRetry},
        Met{"logged off while launching", kLinux, kSpawn, kUnit, 203, kGone, kDrop},
        Met{"program not trusted", kLinux, kPolicy, "CheckProgram", -4, kFront, kFix},
        Met{"program not looked at", kLinux, kPolicy, "CheckProgram", -9, kFront, kRetry},
        Met{"program not granted", kLinux, kPolicy, "programs", -4, kFront, kFix},
        Met{"order that makes no sense", kLinux, kPolicy, "start", -2, kFront, kFix},
        Met{"too many agents", kLinux, kPolicy, "start", -7, kFront, kRetry},
        Met{"session that is not there", kLinux, kSession, "start", -3, kFront, kDrop},
        Met{"policy otherwise", kLinux, kPolicy, "anything", 0, kFront, kFix},
        Met{"library missing", kLinux, kEarlyExit, "exit", 127, kFront, kFix},
        Met{"out of memory", kLinux, kEarlyExit, "signal", 9, kFront, kRetry},
        Met{"dies in the background", kLinux, kEarlyExit, "exit", 1, kAway, kRetry},
        Met{"dies with the session", kLinux, kEarlyExit, "exit", 1, kGone, kDrop},
        Met{"a code that nobody knows", kLinux, kSpawn, kUnit, 4242, kFront, kRetry}),
    [](const auto& met) { return TestName(met.param.name); });

TEST(AFailureThatNobodyKnows, IsTriedAgainWithTheSentenceGiven) {
  const LaunchFailure failure = Explain(kLinux, kSpawn, "clone3", 4242, "it has no wings");
  EXPECT_EQ(failure.meaning, "it has no wings");
  EXPECT_EQ(failure.remedy, kRetry);
}

TEST(AFailureThatNobodyKnows, SaysWhereToLook) {
  for (const LaunchStage stage : {kSession, kToken, kEnvironment, kSpawn, kEarlyExit}) {
    for (const CodeSystem system : {CodeSystem::kAny, kWindows, kLinux}) {
      const LaunchFailure failure = Explain(system, stage, "Call", kNoSuchCode, "otherwise");
      EXPECT_THAT(failure.advice, StartsWith("see ")) << Name(system) << ", " << Name(stage);
    }
    const std::string unit = "journalctl -u 'usher-agent-*_NAME-*'";
    EXPECT_THAT(Explain(kLinux, stage, "Call", kNoSuchCode, "").advice, HasSubstr(unit));
    EXPECT_THAT(Explain(kWindows, stage, "Call", kNoSuchCode, "").advice,
                HasSubstr("Event Viewer"));
  }
}

TEST(AFailureThatNobodyKnows, NamesItsCodeWhereItIsToldNothing) {
  EXPECT_EQ(Explain(kLinux, kSpawn, "Call", 4242, "").meaning, "it failed with code 4242");
}

TEST(ARefusal, SaysWhyAndWhatToDoAsItIsKnownBest) {
  LaunchFailure refusal = Refusal(kPolicy, "tokens", kNotPermittedCode, "not 'system'", "grant it");
  EXPECT_EQ(refusal.stage, kPolicy);
  EXPECT_EQ(refusal.call, "tokens");
  EXPECT_EQ(refusal.code, -4);
  EXPECT_EQ(refusal.meaning, "not 'system'");
  EXPECT_EQ(refusal.advice, "grant it");
  refusal = Refusal(kPolicy, "tokens", kNotPermittedCode, "not 'system'");
  EXPECT_EQ(refusal.advice, "add it to tokens in [plugins.NAME.launch], and reload");
}

TEST(AnAgentsOwnExitCode, IsNotTakenForTheSystems) {
  const LaunchFailure failure = Explain(kLinux, kEarlyExit, "exit", 12, "it exited with code 12");
  EXPECT_EQ(failure.meaning, "it exited with code 12");
}

std::vector<std::string_view> Ids(std::string_view code) {
  std::vector<std::string_view> ids;
  for (const FailureRow* row : FindRows(code)) ids.push_back(row->id);
  return ids;
}

TEST(ACode, IsUnderstoodAsPeopleHaveIt) {
  const auto two = ElementsAre("dll-init-away", "dll-init-failed");
  for (const char* text : {"0xC0000142", "0xc0000142", "-1073741502", "3221225794",
                           "STATUS_DLL_INIT_FAILED", "status_dll_init_failed", "DLL_INIT_FAILED"}) {
    EXPECT_THAT(Ids(text), two) << text;
  }
  const auto refused = ElementsAre("program-not-trusted", "program-not-granted",
                                   "token-not-granted", "class-not-granted");
  EXPECT_THAT(Ids("-4"), refused);
  EXPECT_THAT(Ids("NOT_PERMITTED"), refused);
  EXPECT_THAT(Ids("203"), ElementsAre("exit-exec"));
  EXPECT_THAT(Ids("203/EXEC"), ElementsAre("exit-exec"));
  EXPECT_THAT(Ids("EXIT_EXEC"), ElementsAre("exit-exec"));
  EXPECT_THAT(Ids("0x800704EC"), ElementsAre("blocked-by-policy"));
  EXPECT_THAT(Ids("UnitExists"), ElementsAre("unit-exists"));
  EXPECT_THAT(Ids("not-a-program"), ElementsAre("not-a-program", "not-a-program"));
}

TEST(ACode, IsShownAsItsOwnerShowsIt) {
  EXPECT_EQ(CodeText(*FindRows("console-switching").front()), "0xFFFFFFFF");
  EXPECT_EQ(CodeText(*FindRows("exit-exec").front()), "203");
  EXPECT_EQ(CodeText(*FindRows("token-not-granted").front()), "-4");
  EXPECT_EQ(CodeText(*FindRows("session-gone").front()), "any");
}

TEST(ACode, ThatIsNoneIsNotFound) {
  for (const char* text : {"", "/", "203/", "203/USER", "/EXEC", "0x", "0x1C0000142", "4294967296",
                           "1008x", "-0xC0000142", "ERROR_", "no-such-row", "1 008"}) {
    EXPECT_THAT(Ids(text), IsEmpty()) << text;
  }
}

TEST(ANameOnTheBus, HasTheCodeOfItsRow) {
  EXPECT_EQ(CodeOf("org.freedesktop.systemd1.UnitExists"), 17);
  EXPECT_EQ(CodeOf("org.freedesktop.systemd1.NoSuchUnit"), 2);
  EXPECT_EQ(CodeOf("UnitExists"), std::nullopt);
}

TEST(ASession, IsGoneOnceItCloses) {
  Session session;
  session.active = true;
  session.state = SessionState::kActive;
  EXPECT_EQ(HowIs(&session), SessionIs::kFront);
  session.active = false;
  session.state = SessionState::kOnline;
  EXPECT_EQ(HowIs(&session), SessionIs::kAway);
  session.state = SessionState::kClosing;
  EXPECT_EQ(HowIs(&session), SessionIs::kGone);
  EXPECT_EQ(HowIs(nullptr), SessionIs::kGone);
}

}  // namespace
}  // namespace broker
