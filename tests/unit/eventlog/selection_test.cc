#include "eventlog/selection.h"

#include <gmock/gmock.h>

#include "event/utc.h"
#include "eventlog/segment_index.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A log whose events are made one by one, and a reader of it.
class Selecting : public LogTest {
 protected:
  /// Event `seq` happens `seq` seconds after kStart.
  static constexpr int64_t kStart = 1'700'000'000'000'000;
  static constexpr int64_t TimeOf(Seq seq) {
    return kStart + static_cast<int64_t>(seq) * 1'000'000;
  }

  static LogSelection OfType(const std::string& wanted) {
    LogSelection selection;
    selection.type = [wanted](std::string_view type) { return type == wanted; };
    return selection;
  }

  static LogSelection Between(int64_t since_us, int64_t until_us) {
    LogSelection selection;
    selection.since_us = since_us;
    selection.until_us = until_us;
    return selection;
  }

  /// Makes `count` events in segments of at most some five; every tenth is a logon.
  void MakeLog(int count, const std::function<int64_t(Seq)>& time_of = TimeOf) {
    const auto writer = Open(1500);
    for (int i = 0; i < count; ++i) {
      const Seq seq = ++last_;
      Event event =
          MakeEvent(seq % 10 == 0 ? EventType::kSessionLogon : EventType::kSessionUnlocked, 0);
      event.time.realtime_us = time_of(seq);
      event.session = MakeSession("s" + std::to_string(seq % 4));
      AppendBatch(*writer, {event});
    }
  }

  std::vector<Seq> Read(LogSelection selection, std::optional<uint64_t> last = std::nullopt) {
    LogReader reader = MakeReader();
    reader.Select(std::move(selection));
    const Status sought = last ? reader.SeekLast(*last) : reader.Seek(0);
    EXPECT_TRUE(sought.ok()) << sought.message();
    return Seqs(ReadRest(reader));
  }

  /// Changes one byte in the middle of an event's line.
  void Damage(Seq seq) {
    for (const std::string& name : SegmentNames()) {
      std::string text = ReadFileText(PathIn(log_, name));
      const size_t at = text.find("{\"seq\":" + std::to_string(seq) + ",");
      if (at == std::string::npos) continue;
      text[text.find("\"user\"", at) + 9] ^= 1;
      WriteFileText(PathIn(log_, name), text);
    }
  }

  Seq last_ = 0;
};

using TheEndOfWhatIsRead = Selecting;

TEST_F(Selecting, HandsOutOneTypeOnly) {
  MakeLog(45);
  ASSERT_GT(SegmentNames().size(), 5U);
  EXPECT_THAT(Read(OfType("session.logon")), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(Read(OfType("session.logoff")), IsEmpty());
  EXPECT_EQ(Read({}), Range(1, 45));
}

TEST_F(Selecting, FindsTheLastOnesFromTheBack) {
  MakeLog(45);
  EXPECT_THAT(Read(OfType("session.logon"), 2), ElementsAre(30, 40));
  EXPECT_THAT(Read(OfType("session.logon"), 4), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(Read(OfType("session.logon"), 5), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(Read(OfType("session.logon"), 0), IsEmpty());
  EXPECT_THAT(Read(OfType("session.logoff"), 5), IsEmpty());
}

TEST_F(Selecting, DoesNotLookAtOlderSegmentsThanItMust) {
  MakeLog(45);
  // Whoever opens the first segment would be told of a newer version.
  std::string header = ReadFileText(PathOf(1));
  header.resize(header.find(",\"sum\""));
  header.replace(header.find("1.0"), 3, "9.0");
  AppendSum(header, 0);
  WriteFileText(PathOf(1), header + "\n");
  EXPECT_THAT(Read(OfType("session.logon"), 2), ElementsAre(30, 40));
}

TEST_F(Selecting, AsksAboutTheEventLast) {
  MakeLog(45);
  LogSelection selection = OfType("session.logon");
  std::vector<Seq> asked;
  selection.event = [&asked](const Event& event) {
    asked.push_back(event.seq);
    return event.session->Id() == "s2";
  };
  EXPECT_THAT(Read(selection), ElementsAre(10, 30));
  EXPECT_THAT(asked, ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(Read(selection, 1), ElementsAre(30));
}

TEST_F(Selecting, TellsOfDamageOnlyInWhatIsWanted) {
  MakeLog(45);
  Damage(15);
  EXPECT_THAT(Read(OfType("session.logon")), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(defects_, IsEmpty());
  Damage(20);
  EXPECT_THAT(Read(OfType("session.logon")), ElementsAre(10, 30, 40));
  ASSERT_EQ(defects_.size(), 1U);
  EXPECT_EQ(defects_[0].expected, 20U);
  EXPECT_EQ(defects_[0].what, "the checksum does not match");
  EXPECT_THAT(Read(OfType("session.logon"), 2), ElementsAre(30, 40));
}

TEST_F(Selecting, DecodesALineWhoseHeadIsNotTheUsualOne) {
  MakeLog(3);
  std::string line = R"({"seq":4,"type":"session.logon","time":"2026-11-20T18:48:33.123456Z")";
  AppendSum(line, 0);
  const std::string last = PathIn(log_, SegmentNames().back());
  WriteFileText(last, ReadFileText(last) + line + "\n");
  EXPECT_THAT(Read(OfType("session.logon")), ElementsAre(4));
  EXPECT_THAT(Read(OfType("session.logoff")), IsEmpty());
}

TEST_F(Selecting, TakesBothEndsOfATimeIn) {
  MakeLog(45);
  EXPECT_EQ(Read(Between(TimeOf(7), TimeOf(31))), Range(7, 31));
  EXPECT_EQ(Read(Between(TimeOf(7) + 1, TimeOf(31) - 1)), Range(8, 30));
  EXPECT_EQ(Read(Between(TimeOf(7), TimeOf(31)), 3), Range(29, 31));
  LogSelection logons = OfType("session.logon");
  logons.since_us = TimeOf(11);
  EXPECT_THAT(Read(logons), ElementsAre(20, 30, 40));
}

TEST_F(Selecting, IsRightWhereTheClockWasSetBack) {
  MakeLog(45, [](Seq seq) { return TimeOf(seq <= 20 ? seq : seq - 15); });
  std::vector<Seq> expected = Range(8, 12);
  for (const Seq seq : Range(23, 27)) expected.push_back(seq);
  EXPECT_EQ(Read(Between(TimeOf(8), TimeOf(12))), expected);
  EXPECT_EQ(Read(Between(TimeOf(8), TimeOf(12)), 5), Range(23, 27));
}

TEST_F(Selecting, DoesNotOpenASegmentWhoseIndexSaysThatNothingIsWanted) {
  MakeLog(45);
  const std::vector<std::string> names = SegmentNames();
  const Seq first = *ParseSegmentName(names[2]);
  const Seq next = *ParseSegmentName(names[3]);
  SegmentIndex index{first,        next - 1,
                     next - first, std::filesystem::file_size(PathOf(first)),
                     TimeOf(1),    TimeOf(first)};
  const auto read = [&] {
    std::string line;
    EncodeIndex(line, index);
    WriteFileText(PathIn(log_, IndexName(first)), line);
    return Read(Between(TimeOf(first + 1), TimeOf(next)));
  };
  EXPECT_EQ(read(), Range(next, next));
  index.max_time_us = TimeOf(first + 1);
  EXPECT_EQ(read(), Range(first + 1, next));
  index.max_time_us = TimeOf(first);
  ++index.bytes;
  EXPECT_EQ(read(), Range(first + 1, next));
}

TEST_F(Selecting, GoesOnWithWhatIsAppended) {
  MakeLog(15);
  LogReader reader = MakeReader();
  reader.Select(OfType("session.logon"));
  ASSERT_TRUE(reader.SeekLast(1).ok());
  EXPECT_THAT(Seqs(ReadRest(reader)), ElementsAre(10));
  const auto writer = Open(1500);
  for (const EventType type : {EventType::kSessionLocked, EventType::kSessionLogon}) {
    AppendBatch(*writer, {MakeEvent(type, 0)});
  }
  EXPECT_EQ(ReadRest(reader).size(), 1U);
}

TEST_F(TheEndOfWhatIsRead, IsWhereItWasSet) {
  MakeLog(20);
  LogReader reader = MakeReader();
  reader.EndAt(7);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 7));
  EXPECT_THAT(ReadRest(reader), IsEmpty());
  EXPECT_EQ(reader.Position(), 8U);
  ASSERT_TRUE(reader.Seek(0).ok());
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(1, 7));
  EXPECT_THAT(defects_, IsEmpty());
  reader.EndAt(8);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(8, 8));
  reader.EndAt(100);
  EXPECT_EQ(Seqs(ReadRest(reader)), Range(9, 20));
}

TEST_F(TheEndOfWhatIsRead, IsWhereTheLastOnesAreCountedFrom) {
  MakeLog(20);
  for (const Seq end : {0, 1, 3, 12, 19, 20, 30}) {
    LogReader reader = MakeReader();
    reader.EndAt(end);
    ASSERT_TRUE(reader.SeekLast(3).ok());
    const Seq last = std::min<Seq>(end, 20);
    EXPECT_EQ(Seqs(ReadRest(reader)), Range(last < 3 ? 1 : last - 2, last)) << end;
    ASSERT_TRUE(reader.SeekLast(0).ok());
    EXPECT_EQ(reader.Position(), last + 1);
    EXPECT_THAT(ReadRest(reader), IsEmpty());
  }
}

TEST_F(TheEndOfWhatIsRead, ComesEarlyWhenTheReaderIsToGiveUp) {
  MakeLog(45);
  LogReader reader = MakeReader();
  bool give_up = true;
  reader.GiveUpWhen([&give_up] { return give_up; });
  EXPECT_LT(ReadRest(reader).size(), 10U);
  give_up = false;
  EXPECT_GT(ReadRest(reader).size(), 30U);
}

}  // namespace
}  // namespace broker
