// What a reader says of numbers that are missing.

#include <utility>

#include <gmock/gmock.h>

#include "eventlog/segment_index.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TellingOfMissing : public LogTest {
 protected:
  /// What is told by who reads from `seq` on to the end.
  std::vector<SeqRange> MissingFrom(Seq seq, LogSelection selection = {}) {
    LogReader reader = MakeTelling(std::move(selection));
    EXPECT_TRUE(reader.Seek(seq).ok());
    ReadRest(reader);
    return std::exchange(missing_, {});
  }

  LogReader MakeTelling(LogSelection selection = {}) {
    LogReader reader = MakeReader();
    reader.Select(std::move(selection));
    reader.TellOfMissing([this](const SeqRange& range) { missing_.push_back(range); });
    return reader;
  }

  static LogSelection OfType(EventType wanted) {
    LogSelection selection;
    selection.type = [wanted](std::string_view type) { return type == Name(wanted); };
    return selection;
  }

  /// The times of NextEvent's.
  static LogSelection OfTimes(int from, int to) {
    LogSelection selection;
    selection.since_us = MakeEvent(EventType::kSessionLocked, from).time.realtime_us;
    selection.until_us = MakeEvent(EventType::kSessionLocked, to).time.realtime_us;
    return selection;
  }

  void Lose(Seq from, Seq to) {
    for (Seq seq = from; seq <= to; ++seq) std::filesystem::remove(PathOf(seq));
  }

  std::vector<SeqRange> missing_;
};

TEST_F(TellingOfMissing, NamesEachHoleOnce) {
  Append(*Open(1), 9);
  Lose(3, 5);
  Lose(7, 7);
  LogReader reader = MakeTelling();
  EXPECT_EQ(ReadRest(reader).size(), 5U);
  EXPECT_THAT(missing_, ElementsAre(SeqRange{3, 5}, SeqRange{7, 7}));
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  EXPECT_EQ(missing_.size(), 2U);
}

TEST_F(TellingOfMissing, NamesLinesThatWereTakenOut) {
  Append(*Open(), 5);
  std::string text = ReadFileText(PathOf(1));
  const size_t third = text.find("{\"seq\":3,");
  text.erase(third, text.find("{\"seq\":4,") - third);
  WriteFileText(PathOf(1), text);
  EXPECT_THAT(MissingFrom(0), ElementsAre(SeqRange{3, 3}));
  EXPECT_THAT(MissingFrom(0, OfType(EventType::kSessionUnlocked)), ElementsAre(SeqRange{3, 3}));
}

TEST_F(TellingOfMissing, SaysNothingOfWhatIsBeforeTheBeginning) {
  Append(*Open(1), 9);
  Lose(1, 1);
  Lose(4, 5);
  EXPECT_THAT(MissingFrom(0), ElementsAre(SeqRange{4, 5}));
  EXPECT_THAT(MissingFrom(5), ElementsAre(SeqRange{5, 5}));
  EXPECT_THAT(MissingFrom(6), IsEmpty());
  LogReader reader = MakeTelling();
  ASSERT_TRUE(reader.SeekLast(4).ok());
  EXPECT_EQ(ReadRest(reader).size(), 4U);
  EXPECT_THAT(missing_, IsEmpty());
}

TEST_F(TellingOfMissing, NamesNoneThatIsRecorded) {
  auto killed = Open();
  Append(*killed, 2);
  Kill(std::move(killed));
  Append(*Open(), 2);
  EXPECT_GT(ReadFrom(1).back().event.seq, 4U);
  EXPECT_THAT(MissingFrom(0), IsEmpty());
  EXPECT_THAT(MissingFrom(4), IsEmpty()) << "it begins within the hole";
  EXPECT_THAT(MissingFrom(0, OfType(EventType::kSessionUnlocked)), IsEmpty());
}

TEST_F(TellingOfMissing, NamesNoDamagedLine) {
  Append(*Open(), 5);
  std::string text = ReadFileText(PathOf(1));
  text[text.find("{\"seq\":3,") + 10] ^= 1;
  WriteFileText(PathOf(1), text);
  EXPECT_THAT(MissingFrom(0), IsEmpty());
  EXPECT_THAT(MissingFrom(0, OfType(EventType::kSessionUnlocked)), IsEmpty());
}

TEST_F(TellingOfMissing, DoesNotBelieveTheNumberOfADamagedLineThatIsNotWanted) {
  Append(*Open(), 5);
  std::string text = ReadFileText(PathOf(1));
  text[text.find("{\"seq\":3,") + 7] = '9';
  WriteFileText(PathOf(1), text);
  EXPECT_THAT(MissingFrom(0, OfType(EventType::kSessionUnlocked)), IsEmpty());
}

TEST_F(TellingOfMissing, SaysNothingOfTimesThatAreNotWanted) {
  Append(*Open(1), 9);
  Lose(2, 2);
  Lose(5, 5);
  Lose(8, 8);
  EXPECT_THAT(MissingFrom(0, OfTimes(4, 9)), ElementsAre(SeqRange{5, 5}, SeqRange{8, 8}));
  for (const Seq seq : Range(1, 9)) std::filesystem::remove(PathIn(log_, IndexName(seq)));
  EXPECT_THAT(MissingFrom(0, OfTimes(4, 6)), ElementsAre(SeqRange{5, 5}));
}

TEST_F(TellingOfMissing, WaitsUntilReadingHasComeSoFar) {
  Append(*Open(1), 9);
  Lose(3, 3);
  Lose(6, 7);
  LogReader reader = MakeTelling();
  reader.EndAt(5);
  ReadRest(reader);
  EXPECT_THAT(missing_, ElementsAre(SeqRange{3, 3}));
  reader.EndAt(9);
  ReadRest(reader);
  EXPECT_THAT(missing_, ElementsAre(SeqRange{3, 3}, SeqRange{6, 7}));
}

TEST_F(TellingOfMissing, NamesWhatRetentionTookFromUnderTheReader) {
  auto writer = Open(1000, 4000);
  Append(*writer, 2);
  LogReader reader = MakeTelling();
  ASSERT_EQ(ReadRest(reader).size(), 2U);
  Append(*writer, 100);
  const Seq oldest = *ParseSegmentName(SegmentNames().front());
  ASSERT_GT(oldest, 20U);
  const std::vector<StoredEvent> rest = ReadRest(reader);
  ASSERT_FALSE(rest.empty());
  ASSERT_EQ(missing_.size(), 1U);
  EXPECT_EQ(missing_.front().to, oldest - 1);
  EXPECT_GE(missing_.front().from, 3U) << "what was open could still be read";
}

TEST_F(TellingOfMissing, SaysNothingOfALogThatWasBegunAnew) {
  Append(*Open(), 4);
  LogReader reader = MakeTelling();
  EXPECT_EQ(ReadRest(reader).size(), 4U);
  std::filesystem::remove_all(log_);
  Append(*Open(), 6);
  EXPECT_EQ(ReadRest(reader).size(), 6U);
  EXPECT_THAT(missing_, IsEmpty());
}

}  // namespace
}  // namespace broker
