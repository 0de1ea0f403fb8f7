#include <random>

#include <gmock/gmock.h>

#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"
#include "eventlog/log_version.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

using ATornLastLine = LogTest;
using ADamagedLine = LogTest;
using ADamagedHeader = LogTest;
using AnEmptySegment = LogTest;
using ANewerFormat = LogTest;

std::string SumLine(const std::string& start) {
  std::string line = start;
  line.append(kSumOpening);
  AppendHex64(line, LineSum(start));
  return line.append(kSumClosing).append("\n");
}

TEST_F(ATornLastLine, IsCutOffAndReportedWhereverItWasTorn) {
  Append(*Open(), 3);
  const std::string whole = ReadFileText(PathOf(1));
  const size_t start = LastLineStart(whole);
  for (size_t size = start; size < whole.size(); ++size) {
    WriteFileText(PathOf(1), whole.substr(0, size));
    const auto writer = Open();
    ASSERT_EQ(recovery_.sessions.as_of, 2U) << size;
    ASSERT_EQ(recovery_.torn_bytes, size - start);
    ASSERT_EQ(recovery_.torn_file, size == start ? "" : SegmentName(1));
    ASSERT_EQ(recovery_.damaged_lines, 0U);
    ASSERT_EQ(ReadFileText(PathOf(1)), whole.substr(0, start));
  }
}

TEST_F(ATornLastLine, LeavesAHoleThatIsRecorded) {
  Append(*Open(), 3);
  std::filesystem::resize_file(PathOf(1), ReadFileText(PathOf(1)).size() - 5);
  Append(*Open(), 1);
  const std::vector<StoredEvent> events = ReadFrom(1);
  ASSERT_EQ(Seqs(events), (std::vector<Seq>{1, 2, 4, 5}));
  EXPECT_EQ(events[2].event.details, (Details{{"from", "3"}, {"to", "3"}}));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(ATornLastLine, MayBeCompleteButForAHoleInIt) {
  Append(*Open(), 3);
  std::string text = ReadFileText(PathOf(1));
  const size_t start = LastLineStart(text);
  std::fill(text.begin() + static_cast<ptrdiff_t>(start) + 20, text.end() - 30, '\0');
  WriteFileText(PathOf(1), text);
  const auto writer = Open();
  EXPECT_EQ(recovery_.torn_bytes, text.size() - start);
  EXPECT_EQ(recovery_.damaged_lines, 0U);
  EXPECT_EQ(recovery_.sessions.as_of, 2U);
  Append(*writer, 1);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(ATornLastLine, MayBeAHundredMegabytesOfZeros) {
  Append(*Open(), 3);
  const auto size = std::filesystem::file_size(PathOf(1));
  std::filesystem::resize_file(PathOf(1), size + (100U << 20U));
  const auto writer = Open();
  EXPECT_EQ(recovery_.torn_bytes, 100U << 20U);
  EXPECT_EQ(writer->LastSeq(), 3U);
  EXPECT_EQ(std::filesystem::file_size(PathOf(1)), size);
}

TEST_F(ADamagedLine, IsSkippedAndCountedAndItsNumberIsNotGivenAgain) {
  Append(*Open(), 5);
  std::string text = ReadFileText(PathOf(1));
  text[LastLineStart(text) - 100] ^= 1;
  WriteFileText(PathOf(1), text);
  Append(*Open(), 1);
  EXPECT_EQ(recovery_.damaged_lines, 1U);
  EXPECT_EQ(recovery_.torn_bytes, 0U);
  EXPECT_EQ(Seqs(ReadFrom(1)), (std::vector<Seq>{1, 2, 3, 5, 6}));
  ASSERT_EQ(defects_.size(), 1U);
  EXPECT_EQ(defects_[0].file, SegmentName(1));
  EXPECT_EQ(defects_[0].line, 5U);
  EXPECT_EQ(defects_[0].expected, 4U);
  EXPECT_EQ(defects_[0].what, "the checksum does not match");
  EXPECT_EQ(Verify().defects, 1U) << found_;
}

TEST_F(ADamagedLine, BeforeATornOneKeepsItsNumber) {
  Append(*Open(), 5);
  std::string text = ReadFileText(PathOf(1));
  text[LastLineStart(text) - 100] ^= 1;
  text.resize(text.size() - 3);
  WriteFileText(PathOf(1), text);
  const auto writer = Open();
  EXPECT_EQ(recovery_.damaged_lines, 1U);
  EXPECT_EQ(recovery_.sessions.as_of, 4U);
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), (std::vector<Seq>{1, 2, 3, 6, 7}));
  EXPECT_EQ(Verify().defects, 1U) << found_;
}

TEST_F(ADamagedLine, OfAHundredMegabytesIsOneDefect) {
  Append(*Open(), 2);
  const std::string text = ReadFileText(PathOf(1));
  {
    std::ofstream file(PathOf(1), std::ios::binary | std::ios::trunc);
    file << text.substr(0, LastLineStart(text)) << std::string(100U << 20U, 'x') << "\n";
    file << text.substr(LastLineStart(text));
  }
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 2));
  ASSERT_EQ(defects_.size(), 1U);
  EXPECT_EQ(defects_[0].line, 3U);
  EXPECT_EQ(defects_[0].what, "the line is longer than 1048576 bytes");
  EXPECT_EQ(Open()->LastSeq(), 2U);
  EXPECT_EQ(recovery_.damaged_lines, 1U);
}

TEST_F(ADamagedLine, ThatIsRightByItsChecksumIsNeverCutOff) {
  Append(*Open(), 1);
  const std::string text =
      ReadFileText(PathOf(1)) + SumLine(R"({"seq":2,"time":"at some time to come")");
  WriteFileText(PathOf(1), text);
  Append(*Open(), 1);
  EXPECT_EQ(recovery_.damaged_lines, 1U);
  EXPECT_EQ(recovery_.torn_bytes, 0U);
  EXPECT_EQ(Seqs(ReadFrom(1)), (std::vector<Seq>{1, 3}));
  ASSERT_EQ(defects_.size(), 1U);
  EXPECT_EQ(defects_[0].expected, 2U);
  EXPECT_EQ(defects_[0].what, "'time' is not a time");
  EXPECT_EQ(Verify().defects, 1U) << found_;
}

TEST_F(ADamagedLine, IsAlsoOneThatRepeatsANumber) {
  Append(*Open(), 3);
  const std::string text = ReadFileText(PathOf(1));
  WriteFileText(PathOf(1), text + text.substr(LastLineStart(text)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 3));
  ASSERT_EQ(defects_.size(), 1U);
  EXPECT_EQ(defects_[0].what, "seq 3 comes out of its order");
  EXPECT_EQ(Open()->LastSeq(), 3U);
}

// Whatever stands in the file, both the broker and the readers go on, and no number comes twice.
TEST_F(ADamagedLine, MayBeAnythingAnywhere) {
  Append(*Open(), 8);
  const std::string whole = ReadFileText(PathOf(1));
  std::mt19937 random(20261120);
  for (int round = 0; round < 100; ++round) {
    std::string text = whole;
    for (uint32_t hits = random() % 4; hits > 0; --hits) {
      const size_t at = random() % text.size();
      for (size_t i = at; i < std::min(text.size(), at + random() % 400); ++i) {
        text[i] = static_cast<char>(random());
      }
    }
    if (random() % 3 == 0) text.resize(random() % (text.size() + 1));
    std::filesystem::remove_all(log_);
    std::filesystem::create_directory(log_);
    WriteFileText(PathOf(1), text);
    const auto writer = Open();
    ASSERT_NE(writer, nullptr) << "round " << round;
    const Seq before = writer->LastSeq();
    made_ = 100;
    Append(*writer, 2);
    const std::vector<StoredEvent> events = ReadFrom(1);
    ASSERT_GE(events.size(), 2U) << "round " << round;
    for (size_t i = 1; i < events.size(); ++i) {
      ASSERT_LT(events[i - 1].event.seq, events[i].event.seq) << "round " << round;
    }
    ASSERT_EQ(events.back().event.seq, writer->LastSeq()) << "round " << round;
    ASSERT_GE(events.back().event.seq, before + 2) << "round " << round;
    Open();
    ASSERT_EQ(recovery_.torn_bytes, 0U) << "round " << round;
  }
}

TEST_F(ADamagedHeader, CostsNoEventAndEndsTheSegment) {
  Append(*Open(), 3);
  std::string text = ReadFileText(PathOf(1));
  text[20] ^= 1;
  WriteFileText(PathOf(1), text);
  const auto writer = Open();
  EXPECT_EQ(recovery_.damaged_lines, 1U);
  EXPECT_EQ(recovery_.boot_id, "");
  ASSERT_EQ(recovery_.sessions.sessions.size(), 1U);
  EXPECT_EQ(recovery_.sessions.sessions[0]->Id(), "s1");
  EXPECT_EQ(writer->LastSeq(), 3U);
  Append(*writer, 1);
  EXPECT_EQ(SegmentNames().size(), 2U);
  const std::vector<StoredEvent> events = ReadFrom(1);
  EXPECT_EQ(Seqs(events), Range(1, 4));
  EXPECT_EQ(events[0].boot_id, "");
  EXPECT_EQ(events[3].boot_id, machine_.boot_id);
  ASSERT_EQ(defects_.size(), 1U);
  EXPECT_EQ(defects_[0].line, 1U);
  EXPECT_THAT(defects_[0].what, HasSubstr("the header cannot be read"));
  EXPECT_EQ(Verify().defects, 1U) << found_;
}

TEST_F(ADamagedHeader, MayBeMissing) {
  Append(*Open(), 3);
  const std::string text = ReadFileText(PathOf(1));
  WriteFileText(PathOf(1), text.substr(text.find('\n') + 1));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 3));
  EXPECT_EQ(Open()->LastSeq(), 3U);
}

TEST_F(ADamagedHeader, KeepsTheLogsIdIfAnOlderSegmentHasIt) {
  Append(*Open(1), 2);
  std::string text = ReadFileText(PathOf(2));
  text[20] ^= 1;
  WriteFileText(PathOf(2), text);
  Append(*Open(), 1);
  EXPECT_EQ(SegmentNames().size(), 3U);
  EXPECT_EQ(Verify().defects, 1U) << found_;
}

TEST_F(ADamagedHeader, MayBeAllThatTheFileHas) {
  Append(*Open(1), 2);
  machine_.boot_id = std::string(32, '2');
  Open();
  for (const size_t size : {0U, 1U, 30U}) {
    std::filesystem::resize_file(PathOf(3), size);
    const auto writer = Open();
    EXPECT_EQ(writer->LastSeq(), 2U);
    EXPECT_EQ(recovery_.last_time_us, 1'700'000'000'000'002);
    EXPECT_EQ(SegmentNames().size(), 3U);
    EXPECT_EQ(Verify().defects, 0U) << found_;
  }
  Append(*Open(), 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 3));
}

/// A kill while a segment is begun leaves no header, or a part of one.
TEST_F(ADamagedHeader, CostsNoSession) {
  Append(*Open(1), 3);
  const std::string last = ReadFileText(PathOf(3));
  const size_t header = last.find('\n') + 1;
  for (const std::string& text : {std::string(), last.substr(0, header / 2),
                                  last.substr(0, header - 1), last.substr(header), "x" + last}) {
    SCOPED_TRACE(text);
    WriteFileText(PathOf(3), text);
    {
      const auto writer = Open(1);
      ASSERT_EQ(recovery_.sessions.sessions.size(), 1U);
      EXPECT_EQ(recovery_.sessions.sessions[0]->Id(), "s1");
    }
    for (const std::string& name : SegmentNames()) {
      if (name > SegmentName(3)) std::filesystem::remove(PathIn(log_, name));
    }
  }
}

TEST_F(ADamagedHeader, CostsNoSessionWhereSeveralAreMissing) {
  Append(*Open(1), 4);
  for (const Seq first : {2, 3, 4}) WriteFileText(PathOf(first), "");
  const auto writer = Open(1);
  ASSERT_EQ(recovery_.sessions.sessions.size(), 1U);
  EXPECT_EQ(recovery_.sessions.sessions[0]->Id(), "s1");
}

TEST_F(AnEmptySegment, IsNotTheEndOfTheNumbers) {
  Append(*Open(1), 2);
  WriteFileText(PathOf(100), "");
  const auto writer = Open();
  EXPECT_EQ(writer->LastSeq(), 99U);
  Append(*writer, 1);
  const std::vector<StoredEvent> events = ReadFrom(1);
  EXPECT_EQ(Seqs(events), (std::vector<Seq>{1, 2, 100, 101}));
  EXPECT_EQ(events[2].event.details, (Details{{"from", "3"}, {"to", "99"}}));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AnEmptySegment, IsReadOnceItHasEvents) {
  const auto writer = Open();
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  EXPECT_TRUE(ReadRest(reader).empty());
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 1));
}

TEST_F(ANewerFormat, IsRefusedByWriterReaderAndVerifyAndLeftAsItIs) {
  std::filesystem::create_directory(log_);
  const std::string text = SumLine(R"({"format":"2.0","first_seq":1)") + "half a li";
  WriteFileText(PathOf(1), text);
  LogOptions options;
  options.directory = log_;
  const auto writer = LogWriter::Open(*files_, options, machine_, recovery_);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.status().code(), StatusCode::kInvalid);
  EXPECT_THAT(writer.status().message(), HasSubstr("format 2.0 is of a newer Usher"));
  EXPECT_THAT(writer.status().message(), HasSubstr(SegmentName(1)));
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  StoredEvent event;
  EXPECT_EQ(reader.Read(event).status().code(), StatusCode::kInvalid);
  EXPECT_EQ(VerifyLog(*files_, log_, {}).status().code(), StatusCode::kInvalid);
  EXPECT_EQ(CheckLogVersion(*files_, log_).message(), writer.status().message());
  EXPECT_EQ(ReadFileText(PathOf(1)), text);
}

TEST_F(ANewerFormat, IsSeenInTheLastHeaderThatIsWhole) {
  EXPECT_TRUE(CheckLogVersion(*files_, log_).ok()) << "there is no log yet";
  Append(*Open(), 1);
  EXPECT_TRUE(CheckLogVersion(*files_, log_).ok());
  WriteFileText(PathOf(7), SumLine(R"({"format":"2.0","first_seq":7)"));
  WriteFileText(PathOf(9), "");
  EXPECT_THAT(CheckLogVersion(*files_, log_).message(), HasSubstr(SegmentName(7)));
}

TEST_F(ANewerFormat, OfTheSameMajorVersionIsReadButNotWrittenTo) {
  Append(*Open(), 1);
  std::string text = ReadFileText(PathOf(1));
  const size_t header_end = text.find('\n');
  std::string header = text.substr(0, header_end - kSumBytes);
  header.replace(header.find("1.0"), 3, "1.9");
  WriteFileText(PathOf(1), SumLine(header) + text.substr(header_end + 1));
  EXPECT_TRUE(CheckLogVersion(*files_, log_).ok());
  Append(*Open(), 1);
  EXPECT_EQ(SegmentNames().size(), 2U);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 2));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

}  // namespace
}  // namespace broker
