#include <gmock/gmock.h>

#include "tests/unit/eventlog/log_fixture.h"
#include "tests/unit/eventlog/scripted_files.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AFailingDisk : public LogTest {
 protected:
  AFailingDisk() { files_ = std::make_unique<ScriptedFiles>(script_); }

  /// The same events each time, as a pipeline brings them again that keeps what was not written.
  static std::vector<Event> ThreeEvents() {
    std::vector<Event> events;
    for (int i = 1; i <= 3; ++i) events.push_back(MakeEvent(EventType::kSessionLocked, 100 + i));
    return events;
  }

  static std::vector<Event> OtherEvents() {
    return {MakeEvent(EventType::kSystemResumed, 200), MakeEvent(EventType::kSystemResumed, 201)};
  }

  static Result<Batch> Write(LogWriter& writer, std::vector<Event> events) {
    return writer.Append(std::move(events), [] { return SessionSnapshot{}; });
  }

  void ExpectFailure(LogWriter& writer, std::vector<Event> events) {
    const Seq before = writer.LastSeq();
    const auto failed = Write(writer, std::move(events));
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.status().code(), script_.failure.code());
    EXPECT_THAT(failed.status().message(), HasSubstr(script_.failure.message()));
    EXPECT_EQ(writer.LastSeq(), before);
  }

  void ExpectSuccess(LogWriter& writer, std::vector<Event> events, Seq first) {
    const auto batch = Write(writer, std::move(events));
    ASSERT_TRUE(batch.ok()) << batch.status().message();
    EXPECT_EQ(batch->front()->event.seq, first);
    EXPECT_EQ(batch->back()->event.seq, writer.LastSeq());
  }

  Script script_;
};

TEST_F(AFailingDisk, ThatIsFullLeavesTheLogAsItWasAndTakesTheSameEventsLater) {
  const auto writer = Open();
  Append(*writer, 2);
  const std::string before = ReadFileText(PathOf(1));
  script_.failure = {StatusCode::kNoSpace, "no space left on device (ENOSPC, code 28)"};
  for (const size_t written : {0U, 1U, 100U, 150U, 300U}) {
    script_.append_fails = true;
    script_.append_writes = written;
    ExpectFailure(*writer, ThreeEvents());
    EXPECT_EQ(ReadFileText(PathOf(1)), before) << written;
    EXPECT_EQ(Verify().defects, 0U) << found_;
  }
  ExpectSuccess(*writer, ThreeEvents(), 3);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_EQ(SegmentNames().size(), 1U);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatCannotSyncEndsTheSegmentAndIsNeverAskedToSyncTheSameAgain) {
  const auto writer = Open();
  Append(*writer, 2);
  script_.sync_fails = true;
  ExpectFailure(*writer, ThreeEvents());
  EXPECT_EQ(Verify().events, 2U);
  script_.calls.clear();
  ExpectSuccess(*writer, ThreeEvents(), 3);
  EXPECT_THAT(script_.calls, ElementsAre("replace", "append", "sync"));
  EXPECT_THAT(SegmentNames(), ElementsAre(SegmentName(1), SegmentName(3)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatCannotCutEitherIsLeftBehindWithWhatItHas) {
  const auto writer = Open();
  Append(*writer, 2);
  script_.append_fails = script_.truncate_fails = true;
  script_.append_writes = 250;  // One line and a part of the second.
  ExpectFailure(*writer, ThreeEvents());
  ExpectSuccess(*writer, ThreeEvents(), 3);
  EXPECT_THAT(SegmentNames(), ElementsAre(SegmentName(1), SegmentName(3)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_TRUE(defects_.empty()) << defects_[0].what;
  const LogVerification verified = Verify();
  EXPECT_EQ(verified.defects, 0U) << found_;
  EXPECT_EQ(verified.events, 5U);
}

TEST_F(AFailingDisk, IsReadOnWhereItStoppedWhenTheBrokerIsStartedAnew) {
  {
    const auto writer = Open();
    Append(*writer, 2);
    script_.append_fails = script_.truncate_fails = true;
    script_.append_writes = 250;
    ExpectFailure(*writer, ThreeEvents());
  }
  const auto writer = Open();
  EXPECT_EQ(writer->LastSeq(), 3U);
  EXPECT_GT(recovery_.torn_bytes, 0U);
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 4));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, NeverMakesANumberThatWasSeenStandForSomethingElse) {
  const auto writer = Open();
  Append(*writer, 2);
  script_.sync_fails = true;
  ExpectFailure(*writer, ThreeEvents());
  const auto batch = Write(*writer, OtherEvents());
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  ASSERT_EQ(batch->size(), 3U);
  const Event& gap = batch.value()[0]->event;
  EXPECT_EQ(gap.seq, 6U);
  EXPECT_EQ(gap.type, EventType::kLogGap);
  EXPECT_EQ(gap.details, (Details{{"from", "3"}, {"to", "5"}}));
  EXPECT_EQ(batch.value()[1]->event.seq, 7U);
  EXPECT_EQ(writer->LastSeq(), 8U);
  EXPECT_EQ(Seqs(ReadFrom(1)), (std::vector<Seq>{1, 2, 6, 7, 8}));
  const LogVerification verified = Verify();
  EXPECT_EQ(verified.defects, 0U) << found_;
  EXPECT_EQ(verified.recorded_gaps, 1U);
}

TEST_F(AFailingDisk, GivesNumbersAgainOfWhichNoWholeLineCouldBeSeen) {
  const auto writer = Open();
  Append(*writer, 2);
  script_.append_fails = true;
  script_.append_writes = 50;
  ExpectFailure(*writer, ThreeEvents());
  ExpectSuccess(*writer, OtherEvents(), 3);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 4));
}

TEST_F(AFailingDisk, MayTakeTheSameEventsBackInSmallerAndLargerBatches) {
  const auto writer = Open();
  Append(*writer, 2);
  script_.sync_fails = true;
  ExpectFailure(*writer, ThreeEvents());
  std::vector<Event> more = ThreeEvents();
  more.push_back(MakeEvent(EventType::kSystemResumed, 200));
  script_.sync_fails = true;
  ExpectFailure(*writer, more);
  ExpectSuccess(*writer, {more[0]}, 3);
  ExpectSuccess(*writer, {more[1], more[2]}, 4);
  ExpectSuccess(*writer, {more[3]}, 6);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 6));
  // What was confirmed is no longer watched.
  ExpectSuccess(*writer, OtherEvents(), 7);
  EXPECT_EQ(Verify().recorded_gaps, 0U);
}

TEST_F(AFailingDisk, KeepsASegmentInWhichNothingStandsYet) {
  const auto writer = Open();
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  ASSERT_TRUE(ReadRest(reader).empty());
  script_.sync_fails = true;
  ExpectFailure(*writer, ThreeEvents());
  ExpectSuccess(*writer, ThreeEvents(), 1);
  EXPECT_EQ(SegmentNames().size(), 1U);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 3));
}

TEST_F(AFailingDisk, NeverMakesTwoFilesOfOneName) {
  const auto writer = Open();
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  ASSERT_TRUE(ReadRest(reader).empty());
  script_.append_fails = script_.truncate_fails = true;
  script_.append_writes = 50;
  ExpectFailure(*writer, ThreeEvents());
  ASSERT_TRUE(ReadRest(reader).empty());
  const auto batch = Write(*writer, ThreeEvents());
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch.value()[0]->event.details, (Details{{"from", "1"}, {"to", "1"}}));
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(2, 5));
  EXPECT_EQ(Verify().recorded_gaps, 1U);
  EXPECT_EQ(found_, SegmentName(1) + ":2: the line is cut off\n");
}

TEST_F(AFailingDisk, ThatTakesNoNewSegmentIsAskedAgain) {
  const auto writer = Open(1);
  Append(*writer, 1);
  script_.replace_fails = true;
  ExpectFailure(*writer, ThreeEvents());
  EXPECT_THAT(Write(*writer, ThreeEvents()).status().message(),
              HasSubstr("no new segment can be started"));
  script_.replace_fails = false;
  ExpectSuccess(*writer, ThreeEvents(), 2);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 4));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatFailsHalfwayThroughANewSegmentLosesNoReaderThere) {
  const auto writer = Open(1);
  Append(*writer, 1);
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  script_.replace_fails_late = true;
  ExpectFailure(*writer, ThreeEvents());
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 1));
  script_.calls.clear();
  ExpectSuccess(*writer, ThreeEvents(), 2);
  EXPECT_THAT(script_.calls, ElementsAre("sync directory", "append", "sync"));
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(2, 4));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, SyncsEachBatchOnce) {
  const auto writer = Open();
  script_.calls.clear();
  ExpectSuccess(*writer, ThreeEvents(), 1);
  EXPECT_THAT(script_.calls, ElementsAre("append", "sync"));
}

}  // namespace
}  // namespace broker
