#include "eventlog/verify.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <thread>

#include <gmock/gmock.h>

#include "eventlog/codec.h"
#include "eventlog/line.h"
#include "eventlog/segment_index.h"
#include "tests/support/wait.h"
#include "tests/unit/eventlog/log_fixture.h"
#include "tests/unit/eventlog/scripted_files.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

using Verifying = LogTest;

/// A log of one segment, with the events that a test gives it.
class VerifyingHoles : public LogTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(log_);
    Begin(1);
  }

  /// Goes on in a new segment.
  void Begin(Seq first) {
    segment_ = PathOf(first);
    SegmentHeader header;
    header.log_id = "00112233445566778899aabbccddeeff";
    header.first_seq = first;
    std::string line;
    EncodeHeader(line, header);
    WriteFileText(segment_, line + "\n");
  }

  void Add(Seq from, Seq to) {
    for (Seq seq = from; seq <= to; ++seq) AddEvent(MakeEvent(EventType::kSessionLocked, 0), seq);
  }

  void AddGap(Seq seq, const std::string& from, const std::string& to) {
    Event event = MakeEvent(EventType::kLogGap, 0);
    event.details = {{"from", from}, {"to", to}};
    AddEvent(event, seq);
  }

  void AddLine(const std::string& line) {
    WriteFileText(segment_, ReadFileText(segment_) + line + "\n");
  }

 private:
  void AddEvent(Event event, Seq seq) {
    event.seq = seq;
    std::string line;
    EncodeEvent(line, event);
    AddLine(line);
  }

  std::string segment_;
};

/// A log of several segments, and indexes for them.
class VerifyingIndexes : public LogTest {
 protected:
  /// What the index of this segment, which has events, should be.
  SegmentIndex IndexOf(Seq first) {
    SegmentIndex index{.first_seq = first, .bytes = std::filesystem::file_size(PathOf(first))};
    const std::string text = ReadFileText(PathOf(first));
    index.min_time_us = std::numeric_limits<int64_t>::max();
    for (const StoredEvent& stored : ReadFrom(first)) {
      if (text.find(stored.line) == std::string::npos) break;
      ++index.events;
      index.min_time_us = std::min(index.min_time_us, stored.event.time.realtime_us);
      index.max_time_us = std::max(index.max_time_us, stored.event.time.realtime_us);
      index.last_seq = stored.event.seq;
    }
    return index;
  }

  void WriteIndex(Seq first, const SegmentIndex& index) {
    std::string line;
    EncodeIndex(line, index);
    WriteFileText(PathIn(log_, IndexName(first)), line + "\n");
  }
};

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
  EXPECT_EQ(Verify().defects, 2U);
  EXPECT_THAT(found_, HasSubstr("is missing"));
  EXPECT_THAT(found_, HasSubstr("the index was made for a file of "));
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

TEST_F(Verifying, FindsALineWithTheRightChecksumThatIsNoEvent) {
  Append(*Open(), 1);
  std::string line = R"({"seq":2,"time":"then")";
  AppendSum(line, 0);
  WriteFileText(PathOf(1), ReadFileText(PathOf(1)) + line + "\n");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":3: 'time' is not a time\n");
}

/// Files in which something happens while the last segment is read.
class VerifyingMeanwhile : public VerifyingHoles {
 protected:
  /// `happens` is told how often a reader has come to an end.
  LogVerification VerifyWhile(const std::function<void(int)>& happens) {
    int ends = 0;
    script_.at_read_end = [&] { happens(++ends); };
    files_ = std::make_unique<ScriptedFiles>(script_);
    return Verify();
  }

 private:
  Script script_;
};

TEST_F(VerifyingMeanwhile, WaitsForALineThatIsBeingWritten) {
  Add(1, 3);
  const std::string whole = ReadFileText(PathOf(1));
  WriteFileText(PathOf(1), whole.substr(0, whole.size() - 10));
  const LogVerification result = VerifyWhile([&](int ends) {
    if (ends == 6) WriteFileText(PathOf(1), whole);
  });
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.events, 3U);
}

TEST_F(VerifyingMeanwhile, FindsNoDefectInWhatANewSegmentMakesVoid) {
  Add(1, 3);
  AddLine("half of event 4");
  const LogVerification result = VerifyWhile([&](int ends) {
    if (ends != 1) return;
    Begin(4);
    Add(4, 5);
  });
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.events, 5U);
  EXPECT_EQ(result.segments, 2U);
}

TEST_F(VerifyingMeanwhile, CountsAnEventOnceThatANewSegmentHasOnceMore) {
  Add(1, 5);
  const LogVerification result = VerifyWhile([&](int ends) {
    if (ends != 1) return;
    Begin(4);
    Add(4, 6);
  });
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.events, 6U);
}

TEST_F(VerifyingMeanwhile, CountsWhatASegmentGetsBeforeTheNextOneIsMade) {
  Add(1, 3);
  const LogVerification result = VerifyWhile([&](int ends) {
    if (ends != 1) return;
    Add(4, 5);
    Begin(6);
    Add(6, 6);
  });
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.events, 6U);
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

TEST_F(VerifyingHoles, AcceptsOneThatALaterLineRecords) {
  Add(1, 3);
  AddGap(10, "4", "9");
  Add(11, 12);
  EXPECT_EQ(Verify().defects, 0U) << found_;
  EXPECT_EQ(Verify().recorded_gaps, 1U);
}

TEST_F(VerifyingHoles, AcceptsARecordAnywhereBehindThem) {
  Add(1, 3);
  Add(10, 12);
  Begin(20);
  Add(20, 22);
  AddGap(23, "13", "19");
  Begin(24);
  Add(24, 25);
  AddGap(26, "4", "9");
  const LogVerification result = Verify();
  EXPECT_EQ(result.defects, 0U) << found_;
  EXPECT_EQ(result.recorded_gaps, 2U);
}

TEST_F(VerifyingHoles, AcceptsOneThatSeveralRecordsMakeUp) {
  Add(1, 3);
  Add(10, 10);
  AddGap(11, "7", "9");
  AddGap(12, "4", "6");
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(VerifyingHoles, FindsTheNumbersThatNoRecordNames) {
  Add(1, 3);
  Add(10, 10);
  AddGap(11, "5", "8");
  EXPECT_EQ(Verify().defects, 2U);
  EXPECT_EQ(found_, SegmentName(1) + ":5: event 4 is missing\n" + SegmentName(1) +
                        ":5: event 9 is missing\n");
}

TEST_F(VerifyingHoles, FindsARecordOfNumbersThatAreThere) {
  Add(1, 3);
  Add(10, 10);
  AddGap(11, "4", "10");
  EXPECT_EQ(Verify().defects, 2U);
  EXPECT_THAT(found_, HasSubstr(":6: the log.gap says that events 4 to 10 are missing, which is "));
  EXPECT_THAT(found_, HasSubstr(":5: events 4 to 9 are missing"));
}

TEST_F(VerifyingHoles, FindsASecondRecordOfTheSameOne) {
  Add(1, 3);
  AddGap(10, "4", "9");
  AddGap(11, "4", "9");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr(":6: the log.gap says that events 4 to 9 are missing"));
}

TEST_F(VerifyingHoles, FindsARecordThatStandsBeforeItsHole) {
  Add(1, 2);
  AddGap(3, "4", "9");
  Add(10, 10);
  EXPECT_EQ(Verify().defects, 2U);
}

TEST_F(VerifyingHoles, FindsARecordThatDoesNotSayWhatIsMissing) {
  Add(1, 3);
  AddGap(4, "", "9");
  AddGap(5, "5", "four");
  AddGap(6, "5", "4");
  EXPECT_EQ(Verify().defects, 3U);
  EXPECT_THAT(found_, HasSubstr(":5: the log.gap does not say which events are missing\n"));
}

TEST_F(VerifyingHoles, AcceptsARecordOfOneThatRetentionTookWithItsSurroundings) {
  std::filesystem::remove(PathOf(1));
  Begin(30);
  Add(30, 31);
  AddGap(32, "4", "9");
  EXPECT_EQ(Verify().defects, 0U) << found_;
  EXPECT_EQ(Verify().recorded_gaps, 0U);
}

TEST_F(VerifyingHoles, AcceptsARecordOfOneThatBeginsWhereRetentionTookThings) {
  std::filesystem::remove(PathOf(1));
  Begin(30);
  AddGap(40, "4", "39");
  EXPECT_EQ(Verify().defects, 0U) << found_;
  EXPECT_EQ(Verify().recorded_gaps, 1U);
}

TEST_F(VerifyingHoles, DoesNotTellOfADamagedLineAgainWhereARecordNamesTheRest) {
  Add(1, 3);
  AddLine(R"({"seq":4,rubbish})");
  AddGap(10, "5", "9");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":5: the checksum does not match\n");
}

TEST_F(VerifyingIndexes, AcceptsThoseThatAgree) {
  Append(*Open(1000), 10);
  const Seq first = *ParseSegmentName(SegmentNames()[1]);
  WriteIndex(first, IndexOf(first));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(VerifyingIndexes, AcceptsOneOfASegmentInWhichTheClockWasSetBack) {
  const auto writer = Open();
  for (const int time : {5, 2, 9, 4}) {
    AppendBatch(*writer, {MakeEvent(EventType::kSessionLocked, time)});
  }
  WriteIndex(1, IndexOf(1));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(VerifyingIndexes, FindsEachFieldThatDoesNot) {
  Append(*Open(1000), 10);
  const Seq first = *ParseSegmentName(SegmentNames()[1]);
  const std::vector<std::function<void(SegmentIndex&)>> changes{
      [](SegmentIndex& index) { --index.events; },
      [](SegmentIndex& index) { ++index.last_seq; },
      [](SegmentIndex& index) { --index.min_time_us; },
      [](SegmentIndex& index) { ++index.max_time_us; },
  };
  for (const auto& change : changes) {
    SegmentIndex index = IndexOf(first);
    change(index);
    WriteIndex(first, index);
    EXPECT_EQ(Verify().defects, 1U);
    EXPECT_EQ(found_, IndexName(first) + ":1: the index does not agree with its segment\n");
  }
}

TEST_F(VerifyingIndexes, FindsOneOfAnotherSizeUnlessTheSegmentStillGrows) {
  Append(*Open(1000), 10);
  for (const bool last : {false, true}) {
    const std::vector<std::string> names = SegmentNames();
    const Seq first = *ParseSegmentName(last ? names.back() : names[1]);
    SegmentIndex index = IndexOf(first);
    --index.bytes;
    WriteIndex(first, index);
    EXPECT_EQ(Verify().defects, last ? 0U : 1U) << found_;
    std::filesystem::remove(PathIn(log_, IndexName(first)));
  }
}

TEST_F(VerifyingIndexes, FindsADamagedOne) {
  Append(*Open(1000), 10);
  const Seq first = *ParseSegmentName(SegmentNames()[1]);
  WriteFileText(PathIn(log_, IndexName(first)), "{}");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr(IndexName(first) + ":1: the index cannot be read: "));
}

}  // namespace
}  // namespace broker
