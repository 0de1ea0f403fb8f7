#include "usherctl/explain.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include "action/failures.h"
#include "tests/unit/usherctl/captured.h"

namespace broker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct AnExplanation : ::testing::Test {
  int Run(const std::string& code) { return RunExplain({.code = code}, captured.streams); }
  [[nodiscard]] std::string Out() const { return captured.out.str(); }
  [[nodiscard]] std::string Err() const { return captured.err.str(); }

  testing::Captured captured;
};

TEST_F(AnExplanation, SaysWhatACodeMeansWhatTheAgentDoesAndWhatToDo) {
  EXPECT_EQ(Run("267"), kExitDone);
  EXPECT_EQ(Out(),
            "267 ERROR_DIRECTORY: bad-directory (windows, spawn)\n"
            "  what   the directory it is to start in is none, or the user may not enter it\n"
            "  agent  fails until it is mended\n"
            "  to do  correct directory, or leave it out for the user's profile\n");
  EXPECT_EQ(Err(), "");
}

TEST_F(AnExplanation, HasEveryConditionOfACode) {
  EXPECT_EQ(Run("0xC0000142"), kExitDone);
  EXPECT_THAT(Out(),
              HasSubstr("dll-init-away (windows, early exit, where nobody sees the session)"));
  EXPECT_THAT(Out(), HasSubstr("put off until session.connected"));
  EXPECT_THAT(Out(), HasSubstr("dll-init-failed (windows, early exit)"));
  EXPECT_THAT(Out(), HasSubstr("tried again, later each time"));
}

TEST_F(AnExplanation, BeginsWithWhatACodeIsOnTheSystemItself) {
  for (const auto& [own, other] : {std::pair(CodeSystem::kLinux, CodeSystem::kWindows),
                                   std::pair(CodeSystem::kWindows, CodeSystem::kLinux)}) {
    captured.out.str("");
    EXPECT_EQ(RunExplain({.code = "2", .system = own}, captured.streams), kExitDone);
    const size_t last_own = Out().rfind("(" + std::string(Name(own)));
    const size_t first_other = Out().find("(" + std::string(Name(other)));
    ASSERT_NE(first_other, std::string::npos);
    EXPECT_LT(last_own, first_other) << Out();
  }
}

TEST_F(AnExplanation, OfThisSystemIsWhatIsAskedFor) {
  EXPECT_EQ(ExplainOptions().system, ThisCodeSystem());
}

TEST_F(AnExplanation, NamesTheNearestOfACodeThatNobodyKnows) {
  EXPECT_EQ(Run("ERROR_NO_TOKENS"), kExitFailed);
  EXPECT_EQ(Out(), "");
  EXPECT_THAT(Err(), HasSubstr("no failure of agents is known by 'ERROR_NO_TOKENS'"));
  EXPECT_THAT(Err(), HasSubstr("did you mean ERROR_NO_TOKEN?"));
}

TEST_F(AnExplanation, NamesNoneWhereNoneIsNear) {
  EXPECT_EQ(Run("the cat ate it"), kExitFailed);
  EXPECT_THAT(Err(), Not(HasSubstr("did you mean")));
  EXPECT_THAT(Err(), HasSubstr("'usherctl explain' lists all"));
}

TEST_F(AnExplanation, NamesNoNumberThatIsNearAnother) {
  EXPECT_EQ(Run("255"), kExitFailed);
  EXPECT_THAT(Err(), Not(HasSubstr("did you mean")));
  EXPECT_THAT(Err(), HasSubstr("an agent's own exit codes"));
}

TEST_F(AnExplanation, ShowsACodeThatIsNoneSafely) {
  EXPECT_EQ(Run("\x1b[2J"), kExitFailed);
  EXPECT_THAT(Err(), HasSubstr("\\x1B[2J"));
}

TEST_F(AnExplanation, WithoutACodeListsAll) {
  EXPECT_EQ(Run(""), kExitDone);
  for (const FailureRow& row : FailureRows()) EXPECT_THAT(Out(), HasSubstr(row.id));
}

TEST_F(AnExplanation, IsAnArrayForPrograms) {
  EXPECT_EQ(RunExplain({.code = "null-token", .json = true}, captured.streams), kExitDone);
  EXPECT_EQ(
      Out(),
      R"([{"id":"null-token","system":"windows","stage":"token","call":"WTSQueryUserToken",)"
      R"("code":0,"name":"","session":"anyhow","meaning":"the session has no user's token )"
      R"(yet","remedy":"defer","until":"session.logon","advice":"nothing to do; it starts at )"
      R"(the logon"}])"
      "\n");
}

TEST_F(AnExplanation, OfAnUnknownCodeIsAnEmptyArrayForPrograms) {
  EXPECT_EQ(RunExplain({.code = "1", .json = true}, captured.streams), kExitDone);
  captured.out.str("");
  EXPECT_EQ(RunExplain({.code = "4242424", .json = true}, captured.streams), kExitFailed);
  EXPECT_EQ(Out(), "[]\n");
}

TEST_F(AnExplanation, OfAnyStageAndCodeSaysSoToPrograms) {
  EXPECT_EQ(RunExplain({.code = "session-gone", .json = true}, captured.streams), kExitDone);
  const boost::json::value row = boost::json::parse(Out()).at(0);
  EXPECT_TRUE(row.at("stage").is_null());
  EXPECT_TRUE(row.at("code").is_null());
  EXPECT_EQ(row.at("session"), "gone");
}

TEST_F(AnExplanation, ThatCannotBeWrittenIsAFailure) {
  testing::BrokenBuffer full(ENOSPC);
  std::ostream out(&full);
  Streams streams{out, captured.err, false};
  EXPECT_EQ(RunExplain({.code = "1008"}, streams), kExitFailed);
}

// USHER_WRITE_GOLDEN=1 in the environment writes the page anew.
TEST_F(AnExplanation, OfAllIsThePageOfFailures) {
  const std::string path = USHER_SOURCE_DIRECTORY "/broker/action/FAILURES.md";
  EXPECT_EQ(RunExplain({.code = {}, .markdown = true}, captured.streams), kExitDone);
  if (std::getenv("USHER_WRITE_GOLDEN") != nullptr) std::ofstream(path) << Out();
  std::ifstream file(path);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(Out(), page) << "run: usherctl explain --markdown > " << path;
}

}  // namespace
}  // namespace broker
