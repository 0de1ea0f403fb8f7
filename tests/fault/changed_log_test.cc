// Files that somebody else removed, cut or damaged, and clocks that were set.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/faulty_log.h"

namespace broker::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kHour = 3'600'000'000;

class AChangedLog : public FaultyLog {
 protected:
  void Begin(int count = 6) {
    Open();
    for (int i = 0; i < count; ++i) Append(1);
    ASSERT_TRUE(Settle());
  }

  void WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(PathOf(name), std::ios::binary | std::ios::trunc) << text;
  }

  std::string ReadFile(const std::string& name) {
    std::ifstream file(PathOf(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// All is in the log that was delivered; nothing is named as missing.
  void ExpectAllOfIt() {
    Append(2);
    ASSERT_TRUE(Settle()) << Health().trouble;
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_THAT(Gaps(), ElementsAre());
    EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
  }
};

TEST_F(AChangedLog, WhoseDirectoryWasRemovedIsBegunAnewWithAllThatIsInMemory) {
  Begin();
  fs::remove_all(log_);
  ExpectAllOfIt();
  EXPECT_EQ(Logged().front(), 1U);
}

TEST_F(AChangedLog, WhoseDirectoryWasRemovedWhileTheDiskIsFullIsBegunAnew) {
  Begin();
  script_.Add({.call = Call::kAppend, .code = StatusCode::kNoSpace, .times = Fault::kAlways});
  Append(2);
  ASSERT_TRUE(AdvanceUntil([&] { return Unlogged() == 2; }));
  fs::remove_all(log_);
  script_.Heal();
  ExpectAllOfIt();
}

TEST_F(AChangedLog, WhoseDirectoryWasRemovedKeepsItsNumbersWhenTheBrokerIsKilledToo) {
  Begin();
  fs::remove_all(log_);
  Append(2);
  ASSERT_TRUE(Settle()) << Health().trouble;
  Kill();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AChangedLog, ThatWasCutIsWrittenAgainFromMemory) {
  for (const uint64_t cut : {1U, 100U, 700U, 1500U}) {
    SCOPED_TRACE(cut);
    if (!writer_) Begin();
    const std::string path = PathOf(Segments().back());
    const uint64_t size = fs::file_size(path);
    fs::resize_file(path, size - std::min(size, cut));
    Append(2);
    ASSERT_TRUE(Settle()) << Health().trouble;
    EXPECT_EQ(Verify().defects, 0U) << found_;
  }
  ExpectAllOfIt();
}

TEST_F(AChangedLog, ThatWasCutToNothingIsWrittenAgainFromMemory) {
  Begin();
  fs::resize_file(PathOf(Segments().back()), 0);
  Append(2);
  ASSERT_TRUE(Settle()) << Health().trouble;
  EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
}

TEST_F(AChangedLog, ThatSomebodyWroteToIsLeft) {
  Begin();
  std::ofstream(PathOf(Segments().back()), std::ios::app) << "somebody was here";
  ExpectAllOfIt();
  EXPECT_THAT(Segments(), SizeIs(2));
}

TEST_F(AChangedLog, ThatSomebodyWroteToIsSyncedAllTheSame) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::hours(1);
  Begin();
  Append(2);
  std::ofstream(PathOf(Segments().back()), std::ios::app) << "somebody was here";
  Append(2);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  KillAndLosePower();
  EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
  ExpectWhole();
}

TEST_F(AChangedLog, ThatSomebodyWroteToDuringASyncThatFailsIsWrittenAgain) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::microseconds(1);
  Begin();
  script_.HangSyncs();
  Append(3);
  ASSERT_TRUE(AdvanceUntil([&] { return script_.HangingSyncs() == 1; }));
  std::ofstream(PathOf(Segments().back()), std::ios::app) << "somebody was here";
  Append(2);
  script_.Add({.call = Call::kSync});
  script_.ReleaseSyncs();
  ASSERT_TRUE(AdvanceUntil([&] { return Health().synced_seq == Health().last_seq; }));
  KillAndLosePower();
  EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
  ExpectWhole();
}

/// As the power may leave it: an index is made when all of the segment is on the disk.
TEST_F(AChangedLog, WhoseLastSegmentButOneLostLinesSaysWhich) {
  options_.segment_bytes = 1500;
  for (const uint64_t cut : {0U, 1U, 100U}) {
    SCOPED_TRACE(cut);
    Begin(12);
    ASSERT_TRUE(Close());
    const std::vector<std::string> segments = Segments();
    const std::string& name = segments.at(segments.size() - 2);
    const std::string text = ReadFile(name);
    const size_t last_line = text.rfind('\n', text.size() - 2) + 1;
    WriteFile(name, text.substr(0, last_line + cut));
    fs::remove(PathOf(fs::path(name).stem().string() + ".index"));
    Open();
    lost_logged_ = true;
    EXPECT_EQ(recovery_.torn_bytes, cut);
    Append(2);
    ASSERT_TRUE(Settle()) << Health().trouble;
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_THAT(Gaps(), SizeIs(1));
    Open();
    ASSERT_TRUE(Close());
    EXPECT_THAT(Gaps(), SizeIs(1));
    fs::remove_all(log_);
    delivered_.clear();
  }
}

/// A broker that was killed before its first event left a segment without any.
TEST_F(AChangedLog, WhoseHoleBeginsBeforeItsOldestSegmentIsNotSaidToLackItTwice) {
  Begin();
  Kill();
  Open();
  Kill();
  machine_.boot_id = "22222222222222222222222222222222";
  Open();
  Kill();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  EXPECT_THAT(Gaps(), SizeIs(1));
  ASSERT_TRUE(Close());
  fs::remove(PathOf(Segments().front()));
  EXPECT_EQ(Verify().defects, 0U) << found_;
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  EXPECT_THAT(Gaps(), SizeIs(1));
  EXPECT_EQ(Verify().defects, 0U) << found_;
}

TEST_F(AChangedLog, WithADamagedHeaderGoesOnInANewSegmentAndVerifyNamesIt) {
  for (const char* const header :
       {"", "junk", "{\"format\":\"1.0\",\"sum\":\"0123456789abcdef\"}"}) {
    SCOPED_TRACE(header);
    Begin();
    ASSERT_TRUE(Close());
    const std::string name = Segments().back();
    const std::string text = ReadFile(name);
    WriteFile(name, header + text.substr(text.find('\n')));
    Open();
    Append(2);
    ASSERT_TRUE(Settle()) << Health().trouble;
    ASSERT_TRUE(Close());
    EXPECT_THAT(Segments(), SizeIs(2));
    EXPECT_EQ(Verify().defects, 1U);
    EXPECT_THAT(found_, HasSubstr(name + ":1: the header cannot be read"));
    EXPECT_THAT(Logged(), SizeIs(delivered_.size()));
    fs::remove_all(log_);
    delivered_.clear();
  }
}

TEST_F(AChangedLog, WithoutTheFileOfReservedNumbersLeavesOutMoreThanWereEverReserved) {
  for (const char* const text : {"", "junk\n", "{\"reserved\":\"00000000000000000001\"}\n"}) {
    SCOPED_TRACE(text);
    Begin();
    Kill();
    WriteFile("reserved", text);
    Open();
    EXPECT_TRUE(recovery_.reservation_lost);
    Append(1);
    ASSERT_TRUE(Settle());
    EXPECT_GT(delivered_.back().seq, 6U + 4096U);
    ASSERT_TRUE(Close());
    ExpectWhole();
    EXPECT_THAT(Gaps(), SizeIs(1));
    fs::remove_all(log_);
    delivered_.clear();
  }
}

TEST_F(AChangedLog, WhoseFileOfReservedNumbersIsOfThePastCountsOnFromItsOwnEnd) {
  Begin();
  const std::string reserved = ReadFile("reserved");
  ASSERT_TRUE(Close());
  Open();
  for (int i = 0; i < 5; ++i) Append(1000);
  ASSERT_TRUE(Settle());
  ASSERT_TRUE(Close());
  const Seq last = Logged().back();
  WriteFile("reserved", reserved);
  Open();
  EXPECT_FALSE(recovery_.reservation_lost);
  Append(1);
  ASSERT_TRUE(Settle());
  EXPECT_EQ(delivered_.back().seq, last + 1);
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(AChangedLog, WhoseFileOfReservedNumbersIsOfTheFutureGoesOnThere) {
  Begin();
  const std::string mine = Segments().back();
  ASSERT_TRUE(Close());
  // As another log, which has counted further, has it.
  fs::rename(log_, log_ + ".other");
  delivered_.clear();
  Open();
  for (int i = 0; i < 12; ++i) Append(1000);
  ASSERT_TRUE(Settle());
  const std::string reserved = ReadFile("reserved");
  Kill();
  fs::remove_all(log_);
  fs::rename(log_ + ".other", log_);
  WriteFile("reserved", reserved);
  delivered_.clear();
  Open();
  Append(1);
  ASSERT_TRUE(Settle());
  EXPECT_GT(delivered_.back().seq, 12'000U);
  ASSERT_TRUE(Close());
  ExpectWhole();
  EXPECT_THAT(Gaps(), SizeIs(1));
}

class AClockThatIsSet : public AChangedLog {
 protected:
  AClockThatIsSet() {
    options_.segment_bytes = 1500;
    options_.total_age_us = 24 * kHour;
  }

  /// Segments of a few events each, all of one hour.
  void AppendHour(int count = 6) {
    for (int i = 0; i < count; ++i) Append(1);
    ASSERT_TRUE(Settle());
    now_us_ += kHour;
  }
};

TEST_F(AClockThatIsSet, BackCostsNothing) {
  Open();
  for (int i = 0; i < 4; ++i) AppendHour();
  now_us_ -= 100 * kHour;
  for (int i = 0; i < 4; ++i) AppendHour();
  ExpectAllOfIt();
  EXPECT_EQ(Logged().front(), 1U);
}

TEST_F(AClockThatIsSet, ForwardRemovesOneSegmentAtATime) {
  Open();
  for (int i = 0; i < 4; ++i) AppendHour();
  size_t before = Segments().size();
  ASSERT_GT(before, 4U);
  now_us_ += 1000 * kHour;
  Seq oldest = 1;
  for (int i = 0; i < 20; ++i) {
    Append(1);
    ASSERT_TRUE(Settle());
    const size_t after = Segments().size();
    EXPECT_GE(after + 1, before) << "more than one went at once";
    EXPECT_GE(Logged().front(), oldest);
    oldest = Logged().front();
    before = after;
  }
  EXPECT_GT(oldest, 1U);
  // Set right again, the log grows on.
  now_us_ -= 1000 * kHour;
  AppendHour();
  EXPECT_EQ(Logged().front(), oldest);
  ASSERT_TRUE(Close());
  ExpectWhole();
}

/// The oldest ones are all that a lost power would leave.
TEST_F(AClockThatIsSet, ForwardTellsOfASegmentThatCannotBeRemovedUntilItCan) {
  Open();
  for (int i = 0; i < 4; ++i) AppendHour();
  script_.Add({.call = Call::kRemove, .times = Fault::kAlways, .where = Segments().front()});
  now_us_ += 1000 * kHour;
  AppendHour();
  EXPECT_EQ(Logged().front(), 1U);
  EXPECT_THAT(Health().untrimmed,
              AllOf(HasSubstr("further than total_age"), HasSubstr(Segments().front())));
  script_.Heal();
  Append(1);
  ASSERT_TRUE(Settle());
  EXPECT_GT(Logged().front(), 1U);
  EXPECT_EQ(Health().untrimmed, "");
}

TEST_F(AClockThatIsSet, ForwardRemovesNothingBeforeWhatIsNewerIsOnTheDisk) {
  options_.sync = SyncMode::kNever;
  Open();
  for (int i = 0; i < 4; ++i) AppendHour();
  ASSERT_TRUE(AdvanceUntil([&] { return script_.Count(Call::kSync) >= Segments().size() - 1; }));
  script_.HangSyncs();
  now_us_ += 30 * kHour;
  for (int i = 0; i < 12; ++i) Append(1);
  EXPECT_EQ(Logged().front(), 1U);
  script_.ReleaseSyncs();
  ASSERT_TRUE(AdvanceUntil([&] { return Logged().front() > 1; }));
  ASSERT_TRUE(Close());
  ExpectWhole();
}

/// What is older than the log may become goes, also where nobody knows how old a segment is.
TEST_F(AClockThatIsSet, ForwardRemovesASegmentWithoutAnIndexAsWell) {
  Open();
  for (int i = 0; i < 4; ++i) AppendHour(8);
  ASSERT_TRUE(Close());
  const std::vector<std::string> before = Segments();
  ASSERT_GT(before.size(), 6U);
  fs::remove(PathOf(fs::path(before[1]).stem().string() + ".index"));
  Open();
  now_us_ += 18 * kHour;
  AppendHour(8);
  EXPECT_EQ(Segments().front(), before.front()) << "it is not a day old";
  now_us_ += 10 * kHour;
  AppendHour(20);
  EXPECT_GT(Segments().front(), before[3]);
  ASSERT_TRUE(Close());
  ExpectWhole();
}

}  // namespace
}  // namespace broker::testing
