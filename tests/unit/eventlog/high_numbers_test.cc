// Numbers beyond which no log counts, where a damaged or foreign file has them.

#include <gmock/gmock.h>

#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/reservation.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

class HighNumbers : public LogTest {
 protected:
  /// Starts that end without a word, each after an event.
  void StartOften() {
    for (int start = 0; start < 3; ++start) {
      auto writer = Open();
      ASSERT_NE(writer, nullptr);
      Append(*writer, 1);
      Kill(std::move(writer));
    }
  }

  void Reserve(Seq end) { ASSERT_TRUE(Reservation(*files_, log_).Save(end).ok()); }
};

TEST_F(HighNumbers, ThatAreReservedLeaveRoomForAnyNumberOfStarts) {
  Append(*Open(), 1);
  Reserve(kMaxAhead);
  Append(*Open(), 1);
  EXPECT_FALSE(recovery_.reservation_lost);
  EXPECT_EQ(ReadFrom(2).back().event.seq, kMaxAhead + 1);
  StartOften();
  EXPECT_EQ(Verify().events, 8U) << "each start behind a kill records a hole";
}

TEST_F(HighNumbers, ThatAreReservedBeyondThatAreTakenForDamage) {
  Append(*Open(), 1);
  for (const Seq end : {kMaxAhead + 1'000'000, kMaxSeq, kMaxSeq + 1}) {
    Reserve(end);
    Append(*Open(), 1);
    EXPECT_TRUE(recovery_.reservation_lost);
    EXPECT_LT(ReadFrom(1).back().event.seq, 1'000'000U);
  }
}

TEST_F(HighNumbers, InASegmentsNameRefuseTheStartAndNameTheFile) {
  Append(*Open(), 1);
  for (const Seq first : {kMaxFirstSeq + 1, kMaxSeq - 1, kMaxSeq + 1}) {
    std::filesystem::copy_file(PathOf(1), PathOf(first));
    LogOptions options;
    options.directory = log_;
    const auto writer = LogWriter::Open(*files_, options, machine_, recovery_);
    ASSERT_FALSE(writer.ok());
    EXPECT_THAT(writer.status().message(),
                AllOf(HasSubstr(SegmentName(first)), HasSubstr("move that file away")));
    std::filesystem::remove(PathOf(first));
  }
  Append(*Open(), 1);
}

/// It takes numbers as far as the log itself: what it reserves then is no damage.
TEST_F(HighNumbers, InASegmentsNameAreGoneOnWithAnyNumberOfTimes) {
  Append(*Open(), 1);
  for (const Seq first : {kMaxAhead, kMaxSeq / 2}) {
    WriteFileText(PathOf(first), "");
    StartOften();
    Append(*Open(), 1);
    EXPECT_FALSE(recovery_.reservation_lost);
    Verify();
    EXPECT_EQ(found_, "");
  }
}

TEST_F(HighNumbers, InASegmentsNameAreNamedByVerifyWhereTheyRefuseTheStart) {
  Append(*Open(), 1);
  for (const Seq first : {kMaxFirstSeq + 1, kMaxSeq, ~Seq{0}}) {
    WriteFileText(PathOf(first), "");
    Verify();
    EXPECT_THAT(found_, HasSubstr(SegmentName(first) + ":1: its name counts further than any log"));
    std::filesystem::remove(PathOf(first));
  }
  const std::string over = "events-99999999999999999999.jsonl";
  WriteFileText(PathIn(log_, over), "");
  EXPECT_EQ(Verify().defects, 1U);
  EXPECT_THAT(found_, HasSubstr(over + ":0: no log counts as its name does"));
}

TEST_F(HighNumbers, OfALineAreDamage) {
  Append(*Open(), 2);
  Event event = MakeEvent(EventType::kSessionLocked, 3);
  for (const Seq seq : {kMaxSeq + 1, ~Seq{0}}) {
    event.seq = seq;
    std::string line;
    EncodeEvent(line, event);
    WriteFileText(PathOf(1), ReadFileText(PathOf(1)) + line + "\n");
  }
  Append(*Open(), 1);
  EXPECT_LT(ReadFrom(1).back().event.seq, 10U);
  StartOften();
}

}  // namespace
}  // namespace broker
