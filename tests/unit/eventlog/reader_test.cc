#include "eventlog/reader.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "eventlog/codec.h"
#include "eventlog/segment_index.h"
#include "eventlog/watch.h"
#include "tests/support/wait.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using AReader = LogTest;
using SeekingLast = LogTest;
using Tailing = LogTest;

TEST_F(AReader, SaysThatThereIsNoLog) {
  LogReader reader = MakeReader();
  EXPECT_EQ(reader.Seek(1).code(), StatusCode::kNotFound);
  EXPECT_EQ(reader.SeekLast(1).code(), StatusCode::kNotFound);
  std::filesystem::create_directory(log_);
  const Status empty = reader.Seek(1);
  EXPECT_EQ(empty.code(), StatusCode::kNotFound);
  EXPECT_THAT(empty.message(), HasSubstr("there is no event log in '" + log_ + "'"));
  EXPECT_EQ(reader.SeekLast(1).code(), StatusCode::kNotFound);
}

TEST_F(AReader, BeginsAtAnySeq) {
  Append(*Open(1000), 10);
  ASSERT_GT(SegmentNames().size(), 3U);
  EXPECT_EQ(Seqs(ReadFrom(0)), Range(1, 10));
  for (Seq seq = 1; seq <= 10; ++seq) EXPECT_EQ(Seqs(ReadFrom(seq)), Range(seq, 10));
  EXPECT_THAT(ReadFrom(11), IsEmpty());
}

TEST_F(AReader, WaitsForASeqThatIsNotThereYet) {
  const auto writer = Open(1000);
  Append(*writer, 3);
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(6).ok());
  Append(*writer, 2);
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  Append(*writer, 5);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(6, 10));
}

TEST_F(AReader, BeginsWithTheOldestEventUnlessItWasSoughtElsewhere) {
  Append(*Open(1), 3);
  LogReader reader = MakeReader();
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 3));
}

TEST_F(AReader, GivesValuesAndLine) {
  Append(*Open(), 1);
  const std::vector<StoredEvent> events = ReadFrom(1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event.type, EventType::kSessionLocked);
  EXPECT_EQ(events[0].event.session->Id(), "s1");
  EXPECT_EQ(events[0].boot_id, machine_.boot_id);
  EXPECT_TRUE(ReadFileText(PathOf(1)).ends_with("\n" + events[0].line + "\n"));
}

TEST_F(AReader, DoesNotTellOfDefectsBeforeThePlaceItBeginsAt) {
  Append(*Open(), 5);
  std::string text = ReadFileText(PathOf(1));
  text[text.find("\"seq\":2,") + 20] ^= 1;
  WriteFileText(PathOf(1), text);
  EXPECT_EQ(Seqs(ReadFrom(4)), Range(4, 5));
  EXPECT_THAT(defects_, IsEmpty());
  EXPECT_EQ(Seqs(ReadFrom(2)), Range(3, 5));
  EXPECT_EQ(defects_.size(), 1U);
}

TEST_F(SeekingLast, GoesBehindAllButTheLastEvents) {
  const auto writer = Open(1000);
  Append(*writer, 10);
  for (uint64_t count = 0; count <= 12; ++count) {
    LogReader reader = MakeReader();
    ASSERT_TRUE(reader.SeekLast(count).ok());
    EXPECT_EQ(Seqs(ReadRest(reader)), Range(count < 10 ? 11 - count : 1, 10)) << count;
  }
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.SeekLast(0).ok());
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(11, 11));
}

TEST_F(SeekingLast, CountsEventsAndNotDamage) {
  Append(*Open(), 6);
  std::string text = ReadFileText(PathOf(1));
  text[text.find("\"seq\":5,") + 20] ^= 1;
  WriteFileText(PathOf(1), text);
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.SeekLast(2).ok());
  EXPECT_EQ(Seqs(ReadRest(reader)), (std::vector<Seq>{4, 6}));
}

TEST_F(SeekingLast, DoesNotReadWhatAnIndexCounts) {
  Append(*Open(1000), 10);
  const std::vector<std::string> names = SegmentNames();
  ASSERT_GT(names.size(), 3U);
  const Seq first = *ParseSegmentName(names[1]);
  const Seq second = *ParseSegmentName(names[2]);
  SegmentIndex index{first, second - 1, 1, std::filesystem::file_size(PathOf(first)), 5, 6};
  const auto from_the_second_last_of_it = [&] {
    std::string line;
    EncodeIndex(line, index);
    WriteFileText(PathIn(log_, IndexName(first)), line);
    LogReader reader = MakeReader();
    EXPECT_TRUE(reader.SeekLast(10 - second + 1 + 2).ok());
    return Seqs(ReadRest(reader));
  };
  // An index that is whole is believed, even this one: it counts one event.
  EXPECT_EQ(from_the_second_last_of_it(), Range(first - 1, 10));
  // One that was made when the segment was of another size is not.
  ++index.bytes;
  EXPECT_EQ(from_the_second_last_of_it(), Range(second - 2, 10));
}

TEST_F(SeekingLast, TakesALogWithoutEvents) {
  const auto writer = Open();
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.SeekLast(10).ok());
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  Append(*writer, 1);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 1));
}

TEST_F(Tailing, FollowsIntoNewSegments) {
  const auto writer = Open(1000);
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.SeekLast(0).ok());
  std::vector<Seq> seen;
  for (int i = 0; i < 20; ++i) {
    Append(*writer, i % 3);
    for (const Seq seq : Seqs(ReadRest(reader))) seen.push_back(seq);
  }
  EXPECT_EQ(seen, Range(1, writer->LastSeq()));
  EXPECT_GT(SegmentNames().size(), 5U);
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, GoesOnWithTheOldestKeptEventWhenRetentionOvertookIt) {
  const auto writer = Open(1, 2000);
  Append(*writer, 2);
  LogReader reader = MakeReader();
  StoredEvent event;
  ASSERT_TRUE(reader.Seek(1).ok());
  ASSERT_TRUE(reader.Read(event).ok());
  EXPECT_EQ(event.event.seq, 1U);
  Append(*writer, 20);
  const std::vector<Seq> rest = Seqs(ReadRest(reader));
  EXPECT_GT(rest.front(), 10U);
  EXPECT_EQ(rest, Range(rest.front(), 22));
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, SurvivesThatAnotherProcessCutsTheFile) {
  const auto writer = Open();
  Append(*writer, 5);
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  EXPECT_EQ(ReadRest(reader).size(), 5U);
  std::filesystem::resize_file(PathOf(1), 0);
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  Append(*writer, 2);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(6, 7));
}

TEST_F(Tailing, GoesOnInAFileThatTookTheSegmentsPlace) {
  Append(*Open(), 5);
  const std::string whole = ReadFileText(PathOf(1));
  WriteFileText(PathOf(1), whole.substr(0, whole.find("{\"seq\":4,") + 10));
  LogReader reader = MakeReader();
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 3));
  WriteFileText(log_ + "/new", whole);
  std::filesystem::rename(log_ + "/new", PathOf(1));
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(4, 5));
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, RepeatsNothingThatANewerSegmentHasOnceMore) {
  Append(*Open(), 6);
  const std::string whole = ReadFileText(PathOf(1));
  const size_t fourth = whole.find("{\"seq\":4,");
  const size_t sixth = whole.find("{\"seq\":6,");
  auto header = DecodeHeader(whole.substr(0, whole.find('\n')));
  ASSERT_TRUE(header.ok());
  header->first_seq = 4;
  std::string newer;
  EncodeHeader(newer, header.value());
  newer += "\n" + whole.substr(fourth);
  WriteFileText(PathOf(1), whole.substr(0, sixth) + "{\"seq\":6,\"time\":\"torn");
  LogReader reader = MakeReader();
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 5));
  WriteFileText(PathOf(4), newer);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(6, 6));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 6));
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, WaitsWhereTheDirectoryWasRemovedAndGoesOnInItsCopy) {
  const std::string six = directory_ / "six";
  const std::string eight = directory_ / "eight";
  const auto writer = Open(1000);
  Append(*writer, 6);
  std::filesystem::copy(log_, six);
  Append(*writer, 2);
  std::filesystem::rename(log_, eight);
  std::filesystem::rename(six, log_);
  LogReader reader = MakeReader();
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 6));
  std::filesystem::remove_all(log_);
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  std::filesystem::create_directory(log_);
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  std::filesystem::copy(eight, log_);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(7, 8));
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, BeginsAnewInAnotherLog) {
  Append(*Open(1000), 30);
  for (const int appended : {1, 29, 60}) {
    SCOPED_TRACE(appended);
    LogReader reader = MakeReader();
    EXPECT_FALSE(ReadRest(reader).empty());
    std::filesystem::remove_all(log_);
    EXPECT_THAT(ReadRest(reader), IsEmpty());
    Append(*Open(1000), appended);
    EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, static_cast<Seq>(appended)));
    EXPECT_THAT(ReadRest(reader), IsEmpty());
  }
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, BeginsAnewInAnotherLogWhoseHeaderIsStillToCome) {
  Append(*Open(1000), 3);
  LogReader reader = MakeReader();
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 3));
  std::filesystem::remove_all(log_);
  Append(*Open(1000), 2);
  const std::string text = ReadFileText(PathOf(1));
  WriteFileText(PathOf(1), "");
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  WriteFileText(PathOf(1), text);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 2));
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, SeesEachEventOnceWhileAnotherThreadWrites) {
  constexpr int kBatches = 120;
  const auto writer = Open(3000, kLarge);
  std::atomic<bool> failed = false;
  std::thread writing([&] {
    for (int i = 0; i < kBatches && !failed; ++i) {
      std::vector<Event> events;
      for (int k = 0; k <= i % 4; ++k) events.push_back(NextEvent());
      testing::Write(*writer, std::move(events));
    }
  });
  constexpr Seq kLast = kBatches / 4 * 10;
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  std::vector<Seq> seen;
  const bool all = testing::Eventually([&] {
    for (const Seq seq : Seqs(ReadRest(reader))) seen.push_back(seq);
    return seen.size() >= kLast;
  });
  writing.join();
  EXPECT_FALSE(failed);
  EXPECT_TRUE(all);
  EXPECT_EQ(seen, Range(1, kLast));
  EXPECT_THAT(defects_, IsEmpty());
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(Tailing, IsOvertakenByRetentionWithoutAnErrorWhileAnotherThreadWrites) {
  const auto writer = Open(1000, 3000);
  std::atomic<bool> done = false;
  std::thread writing([&] {
    Append(*writer, 200);
    done = true;
  });
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.Seek(1).ok());
  std::vector<Seq> seen;
  ASSERT_TRUE(testing::Eventually([&] {
    const bool last_round = done;
    StoredEvent event;
    // One event a round: slow enough to be overtaken.
    const auto next = reader.Read(event);
    EXPECT_TRUE(next.ok()) << next.status().message();
    if (next.ok() && next.value() == LogReader::Next::kEvent) seen.push_back(event.event.seq);
    return !next.ok() || (last_round && !seen.empty() && seen.back() == 200);
  }));
  writing.join();
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  EXPECT_THAT(defects_, IsEmpty());
}

TEST_F(Tailing, IsWokenByTheWatch) {
  const auto writer = Open();
  const auto watch = WatchDirectory(log_);
  ASSERT_TRUE(watch.ok()) << watch.status().message();
  LogReader reader = MakeReader();
  ASSERT_TRUE(reader.SeekLast(0).ok());
  ASSERT_THAT(ReadRest(reader), IsEmpty());
  Append(*writer, 1);
  // It returns for the change that is there already; a whole hour would be noticed.
  watch.value()->Wait(std::chrono::hours(1));
  EXPECT_EQ(ReadRest(reader).size(), 1U);
}

}  // namespace
}  // namespace broker
