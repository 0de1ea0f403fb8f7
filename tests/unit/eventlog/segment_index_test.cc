#include "eventlog/segment_index.h"

#include <gmock/gmock.h>

#include "eventlog/line.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

using AnIndexFile = LogTest;

constexpr SegmentIndex kIndex{.first_seq = 42,
                              .last_seq = 99,
                              .events = 58,
                              .bytes = 52'811,
                              .min_time_us = 1'795'200'513'123'456,
                              .max_time_us = 1'795'200'514'000'000};

std::string Encode(const SegmentIndex& index) {
  std::string line;
  EncodeIndex(line, index);
  return line;
}

std::string WithSum(std::string line) {
  AppendSum(line, 0);
  return line;
}

TEST(AnIndex, IsOneLineWithItsMembersInOrder) {
  EXPECT_EQ(Encode(kIndex),
            R"({"format":"1.0","first_seq":42,"last_seq":99,"events":58,"bytes":52811,)"
            R"("min_time":"2026-11-20T18:48:33.123456Z","max_time":"2026-11-20T18:48:34.000000Z",)"
            R"("sum":"609edaecb4dbc68b"})");
}

TEST(AnIndex, ComesBackWithEveryField) {
  const auto index = DecodeIndex(Encode(kIndex));
  ASSERT_TRUE(index.ok()) << index.status().message();
  EXPECT_EQ(index.value(), kIndex);
}

TEST(AnIndex, OfASegmentWithoutEventsHasNoTimes) {
  const SegmentIndex empty{.first_seq = 7, .bytes = 400};
  const std::string line = Encode(empty);
  EXPECT_EQ(line.find("time"), std::string::npos);
  const auto index = DecodeIndex(line);
  ASSERT_TRUE(index.ok()) << index.status().message();
  EXPECT_EQ(index.value(), empty);
}

TEST(AnIndex, HasTheNameOfItsSegment) {
  EXPECT_EQ(IndexName(42), "events-00000000000000000042.index");
  EXPECT_EQ(ParseIndexName(IndexName(42)), 42U);
  for (const char* name : {"events-00000000000000000042.jsonl", "events-42.index", ".index", "",
                           "events-00000000000000000042.jsonl.index"}) {
    EXPECT_FALSE(ParseIndexName(name)) << name;
    EXPECT_FALSE(ParseSegmentName(IndexName(42)));
  }
}

TEST(AnIndex, WithAnyByteChangedIsRefused) {
  const std::string line = Encode(kIndex);
  for (size_t i = 0; i < line.size(); ++i) {
    std::string damaged = line;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x01);
    EXPECT_EQ(DecodeIndex(damaged).status().code(), StatusCode::kCorrupt) << "byte " << i;
  }
}

TEST(AnIndex, ThatContradictsItselfIsRefused) {
  SegmentIndex more_than_fit = kIndex;
  more_than_fit.events = 59;
  SegmentIndex backwards = kIndex;
  backwards.last_seq = 41;
  SegmentIndex no_number = kIndex;
  no_number.first_seq = 0;
  SegmentIndex no_events = kIndex;
  no_events.events = 0;
  SegmentIndex times = kIndex;
  times.max_time_us = times.min_time_us - 1;
  for (const SegmentIndex& index : {more_than_fit, backwards, no_number, no_events, times}) {
    EXPECT_EQ(DecodeIndex(Encode(index)).status().code(), StatusCode::kCorrupt) << Encode(index);
  }
}

TEST(AnIndex, WithoutAMemberIsRefused) {
  const auto index = DecodeIndex(WithSum(R"({"format":"1.0","first_seq":42,"last_seq":99)"));
  EXPECT_EQ(index.status().code(), StatusCode::kCorrupt);
  EXPECT_THAT(index.status().message(), HasSubstr("'events' is missing"));
  const auto timeless = DecodeIndex(
      WithSum(R"({"format":"1.0","first_seq":42,"last_seq":99,"events":58,"bytes":52811)"));
  EXPECT_EQ(timeless.status().code(), StatusCode::kCorrupt);
}

TEST(AnIndex, OfAnotherMajorVersionIsRefusedAndOfALaterMinorOneRead) {
  const std::string rest =
      R"(,"first_seq":42,"last_seq":42,"events":1,"bytes":9,"mood":"calm",)"
      R"("min_time":"2026-11-20T18:48:33.123456Z","max_time":"2026-11-20T18:48:33.123456Z")";
  EXPECT_TRUE(DecodeIndex(WithSum(R"({"format":"1.7")" + rest)).ok());
  EXPECT_EQ(DecodeIndex(WithSum(R"({"format":"2.0")" + rest)).status().code(),
            StatusCode::kInvalid);
}

TEST_F(AnIndexFile, IsReadWithOrWithoutItsNewline) {
  std::filesystem::create_directory(log_);
  const Segment segment{42, SegmentName(42)};
  EXPECT_EQ(LoadIndex(*files_, log_, segment).status().code(), StatusCode::kNotFound);
  for (const char* end : {"", "\n"}) {
    WriteFileText(PathIn(log_, IndexName(42)), Encode(kIndex) + end);
    const auto index = LoadIndex(*files_, log_, segment);
    ASSERT_TRUE(index.ok()) << index.status().message();
    EXPECT_EQ(index.value(), kIndex);
  }
}

TEST_F(AnIndexFile, OfAnotherSegmentIsRefused) {
  std::filesystem::create_directory(log_);
  WriteFileText(PathIn(log_, IndexName(41)), Encode(kIndex));
  EXPECT_EQ(LoadIndex(*files_, log_, {41, SegmentName(41)}).status().code(), StatusCode::kCorrupt);
}

TEST_F(AnIndexFile, IsNoSegment) {
  std::filesystem::create_directory(log_);
  WriteFileText(PathIn(log_, IndexName(42)), Encode(kIndex));
  const auto segments = ListSegments(*files_, log_);
  ASSERT_TRUE(segments.ok());
  EXPECT_TRUE(segments->empty());
}

}  // namespace
}  // namespace broker
