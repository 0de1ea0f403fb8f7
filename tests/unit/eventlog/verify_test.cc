#include "eventlog/verify.h"

#include <gmock/gmock.h>

#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

using Verifying = LogTest;

/// The text without its line of this number, counted from 1.
std::string WithoutLine(const std::string& text, int number) {
  size_t start = 0;
  for (int line = 1; line < number; ++line) start = text.find('\n', start) + 1;
  const size_t end = text.find('\n', start) + 1;
  return text.substr(0, start) + text.substr(end);
}

TEST_F(Verifying, CountsWhatThereIs) {
  Append(*Open(1000), 10);
  const LogVerification result = Verify();
  EXPECT_EQ(result.segments, SegmentNames().size());
  EXPECT_EQ(result.events, 10U);
  EXPECT_EQ(result.first, 1U);
  EXPECT_EQ(result.last, 10U);
  EXPECT_EQ(result.defects, 0U) << found_;
}

TEST_F(Verifying, SaysThatThereIsNoLog) {
  EXPECT_EQ(VerifyLog(*files_, log_, {}).status().code(), StatusCode::kNotFound);
  std::filesystem::create_directory(log_);
  EXPECT_EQ(VerifyLog(*files_, log_, {}).status().code(), StatusCode::kNotFound);
}

TEST_F(Verifying, AcceptsThatRetentionTookTheBeginning) {
  Append(*Open(1), 5);
  std::filesystem::remove(PathOf(1));
  std::filesystem::remove(PathOf(2));
  const LogVerification result = Verify();
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.first, 3U);
}

TEST_F(Verifying, FindsAMissingSegment) {
  Append(*Open(1), 5);
  std::filesystem::remove(PathOf(3));
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(4) + ":2: event 3 is missing\n");
}

TEST_F(Verifying, FindsAMissingLine) {
  Append(*Open(), 5);
  WriteFileText(PathOf(1), WithoutLine(WithoutLine(ReadFileText(PathOf(1)), 3), 3));
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":3: events 2 to 3 are missing\n");
}

TEST_F(Verifying, FindsAMissingFirstLine) {
  Append(*Open(), 3);
  WriteFileText(PathOf(1), WithoutLine(ReadFileText(PathOf(1)), 2));
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":2: event 1 is missing\n");
}

TEST_F(Verifying, FindsAMissingLastLineOfAClosedSegment) {
  Append(*Open(1000), 10);
  const std::string text = ReadFileText(PathOf(1));
  WriteFileText(PathOf(1), text.substr(0, LastLineStart(text)));
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr("is missing"));
}

TEST_F(Verifying, FindsATornTail) {
  Append(*Open(), 3);
  std::filesystem::resize_file(PathOf(1), ReadFileText(PathOf(1)).size() - 1);
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":4: the line is cut off\n");
}

TEST_F(Verifying, CountsADamagedLineOnceAndNotItsHoleAgain) {
  Append(*Open(), 6);
  std::string text = ReadFileText(PathOf(1));
  text[text.find("\"seq\":2,") + 20] ^= 1;
  text[text.find("\"seq\":3,") + 20] ^= 1;
  text[text.find("\"seq\":5,") + 20] ^= 1;
  WriteFileText(PathOf(1), text);
  EXPECT_EQ(Verify().defects, 3U) << found_;
}

TEST_F(Verifying, FindsASegmentOfAnotherLog) {
  Append(*Open(1), 2);
  const std::string text = ReadFileText(PathOf(2));
  std::filesystem::remove_all(log_);
  Append(*Open(1), 1);
  WriteFileText(PathOf(2), text);
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(2) + ":1: the segment belongs to another log\n");
}

TEST_F(Verifying, FindsARenamedSegment) {
  Append(*Open(1), 2);
  std::filesystem::rename(PathOf(1), PathOf(7));
  EXPECT_GE(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr(SegmentName(7) + ":1: the header was made for '" + SegmentName(1)));
}

TEST_F(Verifying, FindsEveryChangedByte) {
  Append(*Open(), 2);
  const std::string whole = ReadFileText(PathOf(1));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string text = whole;
    text[i] ^= 1;
    WriteFileText(PathOf(1), text);
    ASSERT_GE(Verify().defects, 1U) << "byte " << i;
  }
}

}  // namespace
}  // namespace broker
