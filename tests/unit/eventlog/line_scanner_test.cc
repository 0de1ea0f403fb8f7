#include "eventlog/line_scanner.h"

#include <gtest/gtest.h>

#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using Next = LineScanner::Next;

constexpr size_t kLimit = 1000;

class ALineScanner : public ::testing::Test {
 protected:
  void Write(const std::string& text) { WriteFileText(path_, text); }
  void Add(const std::string& text) {
    std::ofstream(path_, std::ios::binary | std::ios::app) << text;
  }
  void Start() {
    file_ = files_->OpenRead(path_).value();
    scanner_ = std::make_unique<LineScanner>(*file_);
  }
  Next Read() {
    const auto next = scanner_->Read(kLimit);
    EXPECT_TRUE(next.ok()) << next.status().message();
    return next.ok() ? next.value() : Next::kEnd;
  }

  testing::TempDirectory directory_;
  const std::string path_ = directory_ / "file";
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  std::unique_ptr<ReadFile> file_;
  std::unique_ptr<LineScanner> scanner_;
};

TEST_F(ALineScanner, GivesEachLineWithItsNumberAndPlace) {
  Write("first\n\nthird\n");
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "first");
  EXPECT_EQ(scanner_->Number(), 1U);
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "");
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "third");
  EXPECT_EQ(scanner_->Number(), 3U);
  EXPECT_EQ(scanner_->LineStart(), 7U);
  EXPECT_EQ(scanner_->Offset(), 13U);
  EXPECT_EQ(Read(), Next::kEnd);
  EXPECT_EQ(scanner_->UnfinishedBytes(), 0U);
}

TEST_F(ALineScanner, TakesAnUnfinishedLineForNotThereYet) {
  Write("one\ntw");
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(Read(), Next::kEnd);
  EXPECT_EQ(scanner_->UnfinishedBytes(), 2U);
  Add("o\n");
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "two");
}

TEST_F(ALineScanner, DoesNotGlueALineToOneThatWasTakenBack) {
  Write("one\nhalf of a lin");
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  ASSERT_EQ(Read(), Next::kEnd);
  std::filesystem::resize_file(path_, 4);
  Add("another line\n");
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "another line");
}

TEST_F(ALineScanner, GoesOnAtTheEndOfAFileThatWasCutBehindIt) {
  Write("one\ntwo\n");
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  ASSERT_EQ(Read(), Next::kLine);
  std::filesystem::resize_file(path_, 4);
  EXPECT_EQ(Read(), Next::kEnd);
  Add("three\n");
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "three");
}

TEST_F(ALineScanner, TakesALineOfExactlyTheLimit) {
  Write(std::string(kLimit, 'a') + "\n" + std::string(kLimit + 1, 'b') + "\nc\n");
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line().size(), kLimit);
  EXPECT_EQ(Read(), Next::kTooLong);
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "c");
  EXPECT_EQ(scanner_->Number(), 3U);
}

TEST_F(ALineScanner, PassesOverALineThatDoesNotFitIntoItsBuffer) {
  Write("a\n" + std::string(3'000'000, 'x'));
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(Read(), Next::kEnd);
  EXPECT_EQ(scanner_->UnfinishedBytes(), 3'000'000U);
  Add("still\nb\n");
  EXPECT_EQ(Read(), Next::kTooLong);
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "b");
  EXPECT_EQ(scanner_->LineStart(), 3'000'008U);
}

TEST_F(ALineScanner, ForgetsALongLineThatWasTakenBack) {
  Write("a\n" + std::string(3'000'000, 'x'));
  Start();
  ASSERT_EQ(Read(), Next::kLine);
  ASSERT_EQ(Read(), Next::kEnd);
  std::filesystem::resize_file(path_, 2);
  EXPECT_EQ(Read(), Next::kEnd);
  Add("b\n");
  ASSERT_EQ(Read(), Next::kLine);
  EXPECT_EQ(scanner_->Line(), "b");
}

TEST_F(ALineScanner, ReadsLinesOfEveryLengthAcrossItsBuffer) {
  std::string text;
  for (size_t length = 0; length <= kLimit; ++length) text += std::string(length, 'x') + "\n";
  Write(text);
  Start();
  for (size_t length = 0; length <= kLimit; ++length) {
    ASSERT_EQ(Read(), Next::kLine);
    ASSERT_EQ(scanner_->Line().size(), length);
  }
  EXPECT_EQ(Read(), Next::kEnd);
  EXPECT_EQ(scanner_->Offset(), text.size());
}

}  // namespace
}  // namespace broker
