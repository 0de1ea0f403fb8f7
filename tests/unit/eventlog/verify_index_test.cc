#include "eventlog/verify.h"

#include <algorithm>
#include <functional>
#include <limits>

#include <gmock/gmock.h>

#include "eventlog/segment_index.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

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
