#include "eventlog/verify.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "eventlog/format.h"
#include "eventlog/line.h"
#include "eventlog/reservation.h"
#include "tests/support/failing_reads.h"
#include "tests/support/wait.h"
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

/// Of what it has nothing is known, nor is the next one's beginning a hole.
TEST_F(Verifying, GoesOnBehindASegmentThatTheDiskDoesNotHandOut) {
  Append(*Open(1), 5);
  for (const Seq bad : {1, 3, 5}) {
    files_ = std::make_unique<testing::FailingReads>(SegmentName(bad));
    const LogVerification result = Verify();
    EXPECT_EQ(result.defects, 1U) << found_;
    EXPECT_EQ(result.events, 4U);
    EXPECT_THAT(found_, ::testing::StartsWith(SegmentName(bad) + ":1: it cannot be read: "));
  }
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
  EXPECT_EQ(Verify().defects, 2U);
  EXPECT_THAT(found_, HasSubstr("is missing"));
  EXPECT_THAT(found_, HasSubstr("the index was made for a file of "));
}

TEST_F(Verifying, FindsWhatHalfALineAtTheEndOfAClosedSegmentCost) {
  Append(*Open(1), 4);
  const std::string text = ReadFileText(PathOf(3));
  WriteFileText(PathOf(3), text.substr(0, text.size() - 20));
  std::filesystem::remove(PathIn(log_, IndexName(3)));
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(4) + ":2: event 3 is missing\n");
}

TEST_F(Verifying, PassesOverDamageBehindLinesThatWereNeverCommitted) {
  Append(*Open(1), 4);
  const std::string later = ReadFileText(PathOf(4));
  const std::string line = later.substr(LastLineStart(later));
  WriteFileText(PathOf(3), WithoutLine(ReadFileText(PathOf(3)), 2) + line + "x\n" + "half");
  std::filesystem::remove(PathIn(log_, IndexName(3)));
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(4) + ":2: event 3 is missing\n");
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
  Append(*Open(1), 2);
  WriteFileText(PathOf(2), text);
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(2) + ":1: the segment belongs to another log\n");
}

TEST_F(Verifying, GoesByWhatMostSegmentsBelongTo) {
  Append(*Open(1), 1);
  const std::string text = ReadFileText(PathOf(1));
  std::filesystem::remove_all(log_);
  made_ = 0;
  Append(*Open(1), 4);
  WriteFileText(PathOf(1), text);
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":1: the segment belongs to another log\n");
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

TEST_F(Verifying, FindsALineWithTheRightChecksumThatIsNoEvent) {
  Append(*Open(), 1);
  std::string line = R"({"seq":2,"time":"then")";
  AppendSum(line, 0);
  WriteFileText(PathOf(1), ReadFileText(PathOf(1)) + line + "\n");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":3: 'time' is not a time\n");
}

TEST_F(Verifying, FindsReservedNumbersThatAreDamaged) {
  Append(*Open(), 3);
  std::string text = ReadFileText(log_ + "/reserved");
  text[20] ^= 1;
  WriteFileText(log_ + "/reserved", text);
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, "reserved:1: which numbers are reserved cannot be told: '" + log_ +
                        "/reserved' is damaged\n");
}

TEST_F(Verifying, FindsThatTheReservedNumbersAreMissing) {
  Append(*Open(), 3);
  std::filesystem::remove(log_ + "/reserved");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr("reserved:1: which numbers are reserved cannot be told: "));
}

TEST_F(Verifying, FindsReservedNumbersThatWereGiven) {
  Append(*Open(), 3);
  ASSERT_TRUE(Reservation(*files_, log_).Save(4).ok());
  EXPECT_EQ(Verify().defects, 0U) << found_;
  ASSERT_TRUE(Reservation(*files_, log_).Save(3).ok());
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, "reserved:1: numbers from 3 on are said to be free, but the log counts to 3\n");
}

TEST_F(Verifying, FindsReservedNumbersThatNoLogCounts) {
  Append(*Open(), 1);
  ASSERT_TRUE(Reservation(*files_, log_).Save(kMaxAhead + 10).ok());
  EXPECT_EQ(Verify().defects, 1U);
}

TEST_F(Verifying, FindsWhatHasASegmentsNameAndIsNoFile) {
  Append(*Open(1), 2);
  std::filesystem::create_directory(PathOf(7));
  std::filesystem::create_symlink(PathOf(1), PathOf(8));
  ASSERT_EQ(::mkfifo(PathOf(9).c_str(), 0600), 0);
  EXPECT_EQ(Verify().defects, 3U);
  for (const Seq first : {7, 8, 9}) {
    EXPECT_THAT(found_, HasSubstr(SegmentName(first) + ":0: it is a link, a folder or a pipe"));
  }
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 2));
  ASSERT_EQ(defects_.size(), 3U) << "a reader says so once";
  EXPECT_EQ(defects_.front().file, SegmentName(7));
}

TEST_F(Verifying, DoesNotSayThatNothingIsThereWhereLinksAre) {
  std::filesystem::create_directory(log_);
  std::filesystem::create_symlink(directory_ / "elsewhere", PathOf(8));
  const Status verified = VerifyLog(*files_, log_, {}).status();
  const Status read = MakeReader().Seek(1);
  for (const Status& status : {verified, read}) {
    EXPECT_EQ(status.code(), StatusCode::kInvalid);
    EXPECT_THAT(status.message(), HasSubstr("of '" + SegmentName(8) + "', and of what else"));
  }
}

TEST_F(Verifying, FindsALineThatCountsFurtherThanAnyLog) {
  Append(*Open(), 2);
  std::string line = R"({"seq":)" + std::to_string(kMaxSeq + 1) + R"(,"time":"then")";
  AppendSum(line, 0);
  WriteFileText(PathOf(1), ReadFileText(PathOf(1)) + line + "\n");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr(SegmentName(1) + ":4: seq 4611686018427387905 is higher than"));
}

TEST_F(Verifying, LooksAtWhatIsWrittenMeanwhile) {
  const auto writer = Open(2000);
  Append(*writer, 1);
  std::atomic<bool> done = false;
  std::thread writing([&] {
    Append(*writer, 400);
    done = true;
  });
  ASSERT_TRUE(testing::Eventually([&] {
    const bool last = done;
    EXPECT_EQ(Verify().defects, 0U) << found_;
    return last;
  }));
  writing.join();
  EXPECT_EQ(Verify().events, 401U);
}

}  // namespace
}  // namespace broker
