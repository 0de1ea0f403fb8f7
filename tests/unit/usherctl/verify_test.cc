#include "usherctl/verify.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include "tests/support/temp_directory.h"
#include "tests/unit/usherctl/captured.h"
#include "tests/unit/usherctl/written_log.h"

namespace broker {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::WrittenLog;

class Verify : public ::testing::Test {
 protected:
  int Run(bool json = false) {
    return RunVerify({directory_.path(), json}, *files_, captured_.streams);
  }
  // Puts one wrong letter into the line of session `id`.
  void Damage(const std::string& id) {
    const auto segment = *std::filesystem::directory_iterator(directory_.path());
    std::stringstream content;
    content << std::ifstream(segment.path(), std::ios::binary).rdbuf();
    std::string text = content.str();
    text[text.find("\"id\":\"" + id + "\"") + 6] = 'x';
    std::ofstream(segment.path(), std::ios::binary) << text;
  }
  [[nodiscard]] std::string Out() const { return captured_.out.str(); }
  [[nodiscard]] std::string Err() const { return captured_.err.str(); }

  const testing::TempDirectory directory_;
  const std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  testing::Captured captured_;
};

TEST_F(Verify, FindsASoundLogSound) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), "1 segment, 5 events (1 to 5), no defects\n");
}

TEST_F(Verify, TakesAnEmptyLog) {
  const WrittenLog log(*files_, directory_.path());
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), "1 segment, 0 events, no defects\n");
}

TEST_F(Verify, NamesDefectsAndFails) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  Damage("3");
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(Out(), HasSubstr(".jsonl:4: "));
  EXPECT_THAT(Out(), EndsWith("1 segment, 4 events (1 to 5), 1 defect\n"));
}

TEST_F(Verify, TellsProgramsTheSame) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  Damage("3");
  EXPECT_EQ(Run(true), kExitFailed);
  std::istringstream lines(Out());
  std::string defect;
  std::string sum;
  std::getline(lines, defect);
  std::getline(lines, sum);
  EXPECT_EQ(boost::json::parse(defect).at("line"), 4);
  EXPECT_EQ(boost::json::parse(sum).at("events"), 4);
  EXPECT_EQ(boost::json::parse(sum).at("defects"), 1);
}

TEST_F(Verify, SaysThatThereIsNoLog) {
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(Err(), HasSubstr("there is no event log in " + directory_.path()));
}

}  // namespace
}  // namespace broker
