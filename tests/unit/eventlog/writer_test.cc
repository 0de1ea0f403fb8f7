#include "eventlog/writer.h"

#include <sys/stat.h>

#include <algorithm>

#include <gmock/gmock.h>

#include "eventlog/reservation.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using ANewLog = LogTest;
using AWriter = LogTest;
using ASegment = LogTest;

using testing::NoSessions;
using testing::Write;

TEST_F(ANewLog, BeginsWithOneSegmentAndNumberOne) {
  const auto writer = Open();
  EXPECT_EQ(writer->LastSeq(), 0U);
  EXPECT_THAT(SegmentNames(), ElementsAre("events-00000000000000000001.jsonl"));
  EXPECT_EQ(recovery_.last_time_us, 0);
  EXPECT_EQ(recovery_.boot_id, "");
  EXPECT_TRUE(recovery_.sessions.sessions.empty());
  const auto batches = Write(*writer, {NextEvent(), NextEvent()});
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0]->First(), 1U);
  EXPECT_EQ(batches[0]->Last(), 2U);
  EXPECT_EQ(writer->LastSeq(), 2U);
}

TEST_F(ANewLog, IsNotReadableByOthers) {
  const auto writer = Open();
  struct stat info {};
  ASSERT_EQ(::stat(log_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0750U);
  ASSERT_EQ(::stat(PathOf(1).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

TEST_F(AWriter, ReturnsWhatStandsInTheFile) {
  const auto writer = Open();
  const auto batches = Write(*writer, {NextEvent(), NextEvent(), NextEvent()});
  ASSERT_EQ(batches.size(), 1U);
  const Batch& batch = *batches[0];
  const std::vector<StoredEvent> events = ReadFrom(1);
  ASSERT_EQ(events.size(), 3U);
  std::string text;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(batch.Line(i), events[i].line);
    EXPECT_EQ(batch.Line(i).data()[batch.Line(i).size()], '\0');
    EXPECT_EQ(*batch.boot_id, machine_.boot_id);
    EXPECT_EQ(events[i].boot_id, machine_.boot_id);
    EXPECT_EQ(batch.events[i].seq, events[i].event.seq);
    text += events[i].line + "\n";
  }
  EXPECT_TRUE(ReadFileText(PathOf(1)).ends_with("\n" + text));
}

TEST_F(AWriter, KeepsNothingInMemoryThatItIsToForget) {
  const auto writer = Open();
  const std::weak_ptr<const Batch> batch = Write(*writer, {NextEvent()}).front();
  EXPECT_FALSE(batch.expired());
  writer->Forget(1);
  EXPECT_TRUE(batch.expired());
}

TEST_F(AWriter, WantsBatchesThatFitASegment) {
  EXPECT_EQ(Open(kLarge)->MostEvents(), 512U);
  EXPECT_EQ(Open(64U << 10U)->MostEvents(), 128U);
  EXPECT_EQ(Open(1)->MostEvents(), 64U);
}

TEST_F(AWriter, AppendsNothingForNoEvents) {
  const auto writer = Open();
  const std::string before = ReadFileText(PathOf(1));
  writer->Append({});
  EXPECT_TRUE(writer->Advance(NoSessions).empty());
  EXPECT_EQ(ReadFileText(PathOf(1)), before);
}

TEST_F(AWriter, GoesOnWhereAnEarlierOneStopped) {
  Append(*Open(), 3);
  const auto writer = Open();
  EXPECT_EQ(writer->LastSeq(), 3U);
  Append(*writer, 2);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 5));
  EXPECT_EQ(SegmentNames().size(), 1U);
  EXPECT_EQ(recovery_.torn_bytes, 0U);
  EXPECT_EQ(recovery_.damaged_lines, 0U);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, RecoversTheSessionsFromTheEvents) {
  {
    const auto writer = Open();
    Event created = MakeEvent(EventType::kSessionCreated, 1);
    created.session = MakeSession("s1");
    Event other = created;
    other.session = MakeSession("s2", "bob");
    Event gone = MakeEvent(EventType::kSessionDestroyed, 2);
    gone.session = created.session;
    Event moved = MakeEvent(EventType::kConsoleSwitched, 3);
    moved.details = {{"seat", "seat0"}, {"from", "s1"}, {"to", "s2"}};
    Write(*writer, {created, other, gone, moved});
  }
  Open();
  ASSERT_EQ(recovery_.sessions.sessions.size(), 1U);
  EXPECT_EQ(*recovery_.sessions.sessions[0], *MakeSession("s2", "bob"));
  EXPECT_EQ(recovery_.sessions.seats, (SeatMap{{"seat0", "s2"}}));
  EXPECT_EQ(recovery_.sessions.as_of, 4U);
  EXPECT_EQ(recovery_.boot_id, machine_.boot_id);
  EXPECT_EQ(recovery_.last_time_us, 1'700'000'000'000'003);
}

TEST_F(AWriter, TellsWhetherTheBrokerEndedCleanly) {
  Append(*Open(), 1);
  const auto append = [this](EventType type) { Write(*Open(), {MakeEvent(type, ++made_)}); };
  append(EventType::kBrokerStarted);
  Open();
  EXPECT_FALSE(recovery_.clean_end);
  append(EventType::kBrokerStopping);
  append(EventType::kPluginFailed);
  Open();
  EXPECT_TRUE(recovery_.clean_end);
  append(EventType::kBrokerStarted);
  Open();
  EXPECT_FALSE(recovery_.clean_end);
}

TEST_F(AWriter, BeginsASegmentWhereTheBootChanged) {
  {
    const auto writer = Open();
    Event created = MakeEvent(EventType::kSessionCreated, 1);
    created.session = MakeSession("s1");
    Write(*writer, {created});
  }
  const std::string first_boot = std::exchange(machine_.boot_id, std::string(32, '2'));
  {
    const auto writer = Open();
    EXPECT_EQ(recovery_.boot_id, first_boot);
    EXPECT_EQ(recovery_.sessions.sessions.size(), 1U);
    EXPECT_EQ(SegmentNames().size(), 2U);
  }
  // Before the first event of the new boot: the next start must find the same as this one did.
  const auto writer = Open();
  EXPECT_EQ(recovery_.sessions.sessions.size(), 1U);
  EXPECT_EQ(recovery_.last_time_us, 1'700'000'000'000'001);
  EXPECT_EQ(SegmentNames().size(), 2U);
  Append(*writer, 1);
  const std::vector<StoredEvent> events = ReadFrom(1);
  ASSERT_EQ(Seqs(events), Range(1, 2));
  EXPECT_EQ(events[0].boot_id, first_boot);
  EXPECT_EQ(events[1].boot_id, machine_.boot_id);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, ReplacesASegmentOfAnotherBootThatHasNoEvents) {
  Append(*Open(), 2);
  machine_.boot_id = std::string(32, '2');
  Open();
  machine_.boot_id = std::string(32, '3');
  Append(*Open(), 1);
  EXPECT_EQ(SegmentNames().size(), 2U);
  EXPECT_EQ(ReadFrom(3)[0].boot_id, machine_.boot_id);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, GivesAllSegmentsOfALogTheSameId) {
  Append(*Open(1), 3);
  machine_.boot_id = std::string(32, '2');
  Append(*Open(1), 1);
  ASSERT_EQ(SegmentNames().size(), 4U);
  std::string id;
  for (const std::string& name : SegmentNames()) {
    const std::string text = ReadFileText(PathIn(log_, name));
    const std::string log = text.substr(text.find("\"log\":"), 40);
    if (id.empty()) id = log;
    EXPECT_EQ(log, id);
  }
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(ASegment, IsClosedBeforeItIsTooLarge) {
  const auto writer = Open(4096);
  Append(*writer, 60);
  const std::vector<std::string> names = SegmentNames();
  EXPECT_GT(names.size(), 3U);
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const auto size = std::filesystem::file_size(PathIn(log_, names[i]));
    EXPECT_LE(size, 4096U);
    EXPECT_GT(size, 3000U);
  }
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 60));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(ASegment, BeginsWithTheSessionsBeforeItsFirstEvent) {
  {
    const auto writer = Open(1);
    int asked = 0;
    const auto sessions = [&asked] {
      ++asked;
      return SessionSnapshot{{MakeSession("s7")}, {{"seat0", "s7"}}, 1};
    };
    Write(*writer, {NextEvent()}, sessions);
    EXPECT_EQ(asked, 0);
    Write(*writer, {MakeEvent(EventType::kBrokerStarted, 2)}, sessions);
    EXPECT_EQ(asked, 1);
  }
  Open(1);
  ASSERT_EQ(recovery_.sessions.sessions.size(), 1U);
  EXPECT_EQ(recovery_.sessions.sessions[0]->Id(), "s7");
  EXPECT_EQ(recovery_.sessions.seats, (SeatMap{{"seat0", "s7"}}));
}

TEST_F(ASegment, TakesABatchAsAWhole) {
  const auto writer = Open(1);
  std::vector<Event> events;
  for (int i = 0; i < 50; ++i) events.push_back(NextEvent());
  Write(*writer, std::move(events));
  EXPECT_EQ(SegmentNames().size(), 1U);
}

TEST_F(ASegment, GoesWhenAllTogetherAreTooLarge) {
  const auto writer = Open(2048, 10'000);
  Append(*writer, 120);
  uint64_t total = 0;
  for (const std::string& name : SegmentNames()) {
    total += std::filesystem::file_size(PathIn(log_, name));
  }
  EXPECT_LE(total, 10'000U);
  EXPECT_GT(total, 6'000U);
  const std::vector<StoredEvent> events = ReadFrom(1);
  EXPECT_GT(events.front().event.seq, 80U);
  EXPECT_EQ(events.back().event.seq, 120U);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(ASegment, ThatIsBeingWrittenNeverGoes) {
  const auto writer = Open(4096, 1);
  Append(*writer, 30);
  EXPECT_EQ(SegmentNames().size(), 1U);
  EXPECT_EQ(ReadFrom(1).back().event.seq, 30U);
}

TEST_F(ASegment, GoesAtTheStartWhenTheLimitWasLowered) {
  Append(*Open(1), 10);
  ASSERT_EQ(SegmentNames().size(), 10U);
  Open(1, 3000);
  EXPECT_LE(SegmentNames().size(), 6U);
}

TEST_F(AWriter, LeavesOtherFilesAlone) {
  Append(*Open(1), 2);
  for (const char* name : {"README", "events-1.jsonl", "events-00000000000000000000.jsonl",
                           "events-00000000000000000001.jsonl.gz", ".events.new"}) {
    WriteFileText(log_ + "/" + name, "x");
  }
  const auto writer = Open(1, 1);
  Append(*writer, 1);
  EXPECT_EQ(ReadFileText(log_ + "/events-1.jsonl"), "x");
  EXPECT_EQ(ReadFileText(log_ + "/README"), "x");
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, WritesAgainWhatSomebodyRemovedAsFarAsTheRingHasIt) {
  const auto writer = Open();
  Append(*writer, 2);
  std::filesystem::remove(PathOf(1));
  Append(*writer, 2);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 4));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, WritesAgainWhatSomebodyCutOff) {
  const auto writer = Open();
  Append(*writer, 4);
  const std::string text = ReadFileText(PathOf(1));
  std::filesystem::resize_file(PathOf(1), LastLineStart(text) + 10);
  Append(*writer, 2);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 6));
  EXPECT_EQ(SegmentNames().size(), 2U);
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, RecordsWhatSomebodyRemovedAndTheRingHasNoMore) {
  LogOptions options;
  options.ring_bytes = 1;
  const auto writer = OpenAs(options);
  Append(*writer, 4);
  std::filesystem::remove(PathOf(1));
  Append(*writer, 2);
  const std::vector<StoredEvent> events = ReadFrom(1);
  ASSERT_FALSE(events.empty());
  const auto gap = std::find_if(events.begin(), events.end(), [](const StoredEvent& stored) {
    return stored.event.type == EventType::kLogGap;
  });
  ASSERT_NE(gap, events.end());
  EXPECT_EQ(*gap->event.Detail("from"), "1");
  EXPECT_EQ(*gap->event.Detail("to"), std::to_string(events.front().event.seq - 1));
  EXPECT_EQ(gap->event.reason, "changed by another process");
}

TEST_F(AWriter, GoesOnWhenSomebodyEmptiedItsFileBeforeTheFirstEvent) {
  const auto writer = Open();
  std::filesystem::resize_file(PathOf(1), 0);
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 1));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, GoesOnBehindTheReservedNumbersAfterAnUncleanEndAndRecordsTheHole) {
  auto first = Open();
  Append(*first, 3);
  Kill(std::move(first));
  const auto writer = Open();
  const Seq next = writer->LastSeq() + 1;
  EXPECT_GE(next, 4097U);
  Append(*writer, 1);
  const std::vector<StoredEvent> events = ReadFrom(4);
  ASSERT_EQ(Seqs(events), (std::vector<Seq>{next, next + 1}));
  EXPECT_EQ(events[0].event.type, EventType::kLogGap);
  EXPECT_EQ(events[0].event.details, (Details{{"from", "4"}, {"to", std::to_string(next - 1)}}));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, SkipsManyNumbersWhenItIsNotKnownWhichWereReserved) {
  Append(*Open(), 3);
  for (const char* const content : {"", "junk", "{\"reserved\":\"00000000000000000001\"}\n"}) {
    const Seq before = Open()->LastSeq();
    WriteFileText(log_ + "/reserved", content);
    const auto writer = Open();
    EXPECT_TRUE(recovery_.reservation_lost);
    EXPECT_GT(writer->LastSeq(), before + 4096U);
    Append(*writer, 1);
  }
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AWriter, ReservesMoreNumbersBeforeTheyAreUsedUp) {
  auto first = Open();
  std::vector<Event> events(3000, MakeEvent(EventType::kBrokerStarted, 1));
  for (int round = 0; round < 3; ++round) Write(*first, events);
  EXPECT_EQ(first->LastSeq(), 9000U);
  Kill(std::move(first));
  EXPECT_GE(Open()->LastSeq(), 9000U);
}

TEST_F(AWriter, ReservesManyNumbersAtATimeInAStorm) {
  const auto writer = Open();
  const std::vector<Event> events(2100, MakeEvent(EventType::kBrokerStarted, 1));
  Seq ahead = 0;
  for (int round = 0; round < 50 && ahead < 8 * Reservation::kBlock; ++round) {
    Write(*writer, events);
    const std::optional<Seq> reserved = Reservation(*files_, log_).Load(1);
    if (reserved) ahead = *reserved - writer->LastSeq();
  }
  EXPECT_GE(ahead, 8 * Reservation::kBlock);
}

}  // namespace
}  // namespace broker
