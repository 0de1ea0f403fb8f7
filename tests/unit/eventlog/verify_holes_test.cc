#include "eventlog/verify.h"

#include <functional>
#include <memory>

#include <gmock/gmock.h>

#include "eventlog/codec.h"
#include "eventlog/reservation.h"
#include "tests/unit/eventlog/log_fixture.h"
#include "tests/unit/eventlog/scripted_files.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

/// A log of one segment, with the events that a test gives it.
class VerifyingHoles : public LogTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(log_);
    ASSERT_TRUE(Reservation(*files_, log_).Save(Reservation::kBlock).ok());
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

}  // namespace
}  // namespace broker
