#include <gmock/gmock.h>

#include "eventlog/codec.h"

#include "tests/support/wait.h"
#include "tests/unit/eventlog/log_fixture.h"
#include "tests/unit/eventlog/scripted_files.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;
using testing::NoSessions;
using testing::Settle;

class AFailingDisk : public LogTest {
 protected:
  AFailingDisk() { files_ = std::make_unique<ScriptedFiles>(script_); }

  static LogOptions Quick() {
    LogOptions options;
    options.retry = milliseconds(1);
    return options;
  }

  static std::vector<Event> ThreeEvents() {
    std::vector<Event> events;
    for (int i = 1; i <= 3; ++i) events.push_back(MakeEvent(EventType::kSessionLocked, 100 + i));
    return events;
  }

  /// Appends the events, which are delivered though they cannot be logged.
  void WriteUnlogged(LogWriter& log, std::vector<Event> events) {
    const auto delivered = testing::Write(log, std::move(events));
    EXPECT_EQ(delivered.back()->Last(), log.LastSeq());
    EXPECT_LT(log.Ring().Logged(), log.LastSeq());
    EXPECT_TRUE(log.Health().degraded);
    EXPECT_THAT(log.Health().trouble, HasSubstr(script_.failure.message()));
  }

  /// Waits until all that was delivered is in the log.
  static void WaitUntilLogged(LogWriter& log) {
    EXPECT_TRUE(Eventually([&log] {
      for (const BatchRef& batch : log.Advance(NoSessions)) {
        EXPECT_EQ(batch->events.front().type, EventType::kLogGap);
      }
      return log.Ring().Logged() == log.LastSeq() && !log.Health().degraded;
    }));
  }

  Script script_;
};

TEST_F(AFailingDisk, ThatIsFullHasEventsDeliveredUnloggedAndTakesThemLater) {
  const auto writer = OpenAs(Quick());
  Append(*writer, 2);
  const std::string before = ReadFileText(PathOf(1));
  script_.failure = {StatusCode::kNoSpace, "no space left on device (ENOSPC, code 28)"};
  script_.append_fails = 1'000'000;
  for (const size_t written : {0U, 1U, 100U, 150U, 300U}) {
    script_.append_writes = written;
    WriteUnlogged(*writer, ThreeEvents());
    // The disk's thread may be at it still: it writes a part, and then cuts that off.
    EXPECT_TRUE(Eventually([&] { return ReadFileText(PathOf(1)) == before; })) << written;
    EXPECT_EQ(Verify().defects, 0U) << found_;
  }
  EXPECT_EQ(writer->Health().unwritten, 15U);
  script_.append_fails = 0;
  WaitUntilLogged(*writer);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 17));
  EXPECT_EQ(SegmentNames().size(), 1U);
  EXPECT_EQ(Verify().defects, 0U) << found_;
  EXPECT_EQ(writer->Health().lost, 0U);
}

TEST_F(AFailingDisk, ThatCannotSyncGetsANewSegmentAndIsNeverAskedToSyncTheSameAgain) {
  const auto writer = Open();
  Append(*writer, 2);
  script_.sync_fails = 1;
  script_.TakeCalls();
  testing::Write(*writer, ThreeEvents());
  WaitUntilLogged(*writer);
  EXPECT_THAT(script_.TakeCalls(), ElementsAre("append", "sync", "append", "append", "truncate",
                                               "sync", "sync directory"));
  EXPECT_THAT(SegmentNames(), ElementsAre(SegmentName(1), SegmentName(3)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatCannotSyncTheFirstEventsGetsANewFileOfTheSameName) {
  const auto writer = Open();
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  script_.sync_fails = 1;
  testing::Write(*writer, ThreeEvents());
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 3));
  WaitUntilLogged(*writer);
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(4, 4));
  EXPECT_EQ(SegmentNames().size(), 1U);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatCannotSyncAnythingStaysDegraded) {
  const auto writer = OpenAs(Quick());
  Append(*writer, 2);
  script_.sync_fails = 20;
  testing::Write(*writer, ThreeEvents());
  EXPECT_TRUE(Eventually([&] {
    writer->Advance(NoSessions);
    EXPECT_TRUE(writer->Health().degraded || script_.sync_fails == 0);
    return script_.sync_fails == 0;
  }));
  WaitUntilLogged(*writer);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatCannotCutEitherIsLeftBehindWithWhatItHas) {
  const auto writer = OpenAs(Quick());
  Append(*writer, 2);
  script_.append_fails = script_.truncate_fails = 1;
  script_.append_writes = 250;  // One line and a part of the second.
  WriteUnlogged(*writer, ThreeEvents());
  WaitUntilLogged(*writer);
  EXPECT_THAT(SegmentNames(), ElementsAre(SegmentName(1), SegmentName(3)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_TRUE(defects_.empty()) << defects_[0].what;
  const LogVerification verified = Verify();
  EXPECT_EQ(verified.defects, 0U) << found_;
  EXPECT_EQ(verified.events, 5U);
}

TEST_F(AFailingDisk, WhoseBrokerEndsMeanwhileHasItsLossRecordedAtTheNextStart) {
  {
    const auto writer = Open();
    Append(*writer, 2);
    script_.append_fails = 1'000'000;
    WriteUnlogged(*writer, ThreeEvents());
  }
  script_.append_fails = 0;
  const auto writer = Open();
  Append(*writer, 1);
  const std::vector<StoredEvent> events = ReadFrom(3);
  ASSERT_EQ(Seqs(events), Range(6, 7));
  EXPECT_EQ(events[0].event.details, (Details{{"from", "3"}, {"to", "5"}}));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, LosesOnlyWhatTheRingCannotHoldAndRecordsThatOnce) {
  LogOptions options = Quick();
  options.ring_bytes = 10'000;
  const auto writer = OpenAs(options);
  Append(*writer, 2);
  script_.append_fails = 1'000'000;
  for (int i = 0; i < 30; ++i) WriteUnlogged(*writer, ThreeEvents());
  script_.append_fails = 0;
  WaitUntilLogged(*writer);
  // What the disk's thread had at hand just then was written, whatever became of what is behind it.
  std::vector<Seq> accounted;
  uint64_t lost = 0;
  for (const StoredEvent& stored : ReadFrom(1)) {
    accounted.push_back(stored.event.seq);
    if (stored.event.type != EventType::kLogGap) continue;
    const Seq to = std::stoull(*stored.event.Detail("to"));
    for (Seq seq = std::stoull(*stored.event.Detail("from")); seq <= to; ++seq, ++lost) {
      accounted.push_back(seq);
    }
  }
  std::ranges::sort(accounted);
  EXPECT_EQ(accounted, Range(1, writer->LastSeq()));
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(writer->Health().lost, lost);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatTakesNoNewSegmentIsAskedAgain) {
  LogOptions options = Quick();
  options.segment_bytes = 1;
  const auto writer = OpenAs(options);
  Append(*writer, 1);
  script_.open_fails = true;
  WriteUnlogged(*writer, ThreeEvents());
  EXPECT_THAT(writer->Health().trouble, HasSubstr("no new segment can be started"));
  script_.open_fails = false;
  WaitUntilLogged(*writer);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 4));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, ThatHangsInASyncIsNotWaitedFor) {
  LogOptions options = Quick();
  options.slow_sync = milliseconds(50);
  const auto writer = OpenAs(options);
  Append(*writer, 2);
  script_.sync_hangs = true;
  const auto delivered = testing::Write(*writer, ThreeEvents());
  ASSERT_EQ(delivered.back()->Last(), 5U);
  EXPECT_LT(writer->Ring().Logged(), 5U);
  EXPECT_THAT(writer->Health().trouble, HasSubstr("has not answered since 20"));
  testing::Write(*writer, ThreeEvents());
  script_.sync_hangs = false;
  WaitUntilLogged(*writer);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 8));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AFailingDisk, HasSegmentsWhoseHeadersShowTheSessionsBeforeTheirFirstEvent) {
  LogOptions options = Quick();
  const auto writer = OpenAs(options);
  SessionTable delivered;
  const auto sessions = [&delivered] { return SessionSnapshot{delivered.All(), {}, 0}; };
  const auto create = [&](const std::string& id) {
    Event event = MakeEvent(EventType::kSessionCreated, 1);
    event.session = MakeSession(id);
    for (const BatchRef& batch : testing::Write(*writer, {event}, sessions)) {
      for (const Event& each : batch->events) delivered.Apply(each);
    }
  };
  create("s1");
  script_.append_fails = script_.truncate_fails = 2;
  create("s2");
  create("s3");
  EXPECT_TRUE(Eventually([&] {
    writer->Advance(sessions);
    return writer->Ring().Logged() == 3U;
  }));
  const std::string second = ReadFileText(PathOf(2));
  const auto header = DecodeHeader(second.substr(0, second.find('\n')));
  ASSERT_TRUE(header.ok());
  ASSERT_EQ(header->sessions.sessions.size(), 1U);
  EXPECT_EQ(header->sessions.sessions[0]->Id(), "s1");
}

TEST_F(AFailingDisk, SyncsEachBatchOnce) {
  const auto writer = Open();
  Append(*writer, 1);
  script_.TakeCalls();
  testing::Write(*writer, ThreeEvents());
  EXPECT_THAT(script_.TakeCalls(), ElementsAre("append", "sync"));
}

class ASyncMode : public AFailingDisk {};

TEST_F(ASyncMode, OfNeverSyncsNothingUntilASegmentIsClosed) {
  LogOptions options;
  options.sync = SyncMode::kNever;
  options.segment_bytes = 2000;
  const auto writer = OpenAs(options);
  Append(*writer, 1);
  Append(*writer, 2);
  EXPECT_EQ(writer->Ring().Logged(), 3U);
  EXPECT_EQ(writer->Ring().Synced(), 0U);
  Append(*writer, 6);
  const Seq second = ParseSegmentName(SegmentNames().back()).value();
  ASSERT_GT(second, 1U);
  EXPECT_TRUE(Eventually([&] {
    writer->Advance(NoSessions);
    return writer->Ring().Synced() == second - 1;
  }));
}

TEST_F(ASyncMode, OfAnIntervalSyncsWhatWasDeliveredALittleLater) {
  LogOptions options;
  options.sync = SyncMode::kInterval;
  options.sync_interval = std::chrono::milliseconds(20);
  const auto writer = OpenAs(options);
  Append(*writer, 3);
  EXPECT_EQ(writer->Ring().Logged(), 3U);
  EXPECT_TRUE(Eventually([&] {
    writer->Advance(NoSessions);
    return writer->Ring().Synced() == 3U;
  }));
  script_.sync_fails = 1;
  Append(*writer, 2);
  EXPECT_TRUE(Eventually([&] {
    writer->Advance(NoSessions);
    return writer->Ring().Synced() == 5U;
  }));
  EXPECT_THAT(SegmentNames(), ElementsAre(SegmentName(1), SegmentName(4)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

}  // namespace
}  // namespace broker
