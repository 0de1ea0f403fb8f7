// The room that a segment takes ahead is given back when nothing more is written to it.

#include <sys/stat.h>

#include <fstream>

#include <gtest/gtest.h>

#include "tests/fault/faulty_log.h"

namespace broker::testing {
namespace {

class SpareRoom : public FaultyLog {
 protected:
  static constexpr uint64_t kMuch = 1U << 20U;

  void Begin() {
    Open();
    Append(3);
    ASSERT_TRUE(Settle());
    name_ = Segments().back();
    ASSERT_GT(BytesOnDisk(), kMuch) << "the file system reserves nothing";
  }

  /// What the first segment takes of the disk.
  [[nodiscard]] uint64_t BytesOnDisk() const {
    constexpr uint64_t kBlock = 512;  // stat(2)
    struct stat info {};
    EXPECT_EQ(::stat(PathOf(name_).c_str(), &info), 0);
    return static_cast<uint64_t>(info.st_blocks) * kBlock;
  }

 private:
  std::string name_;
};

TEST_F(SpareRoom, IsGivenBackAtACleanEndAndTakenAgainByTheNextStart) {
  Begin();
  ASSERT_TRUE(Close());
  EXPECT_LT(BytesOnDisk(), kMuch);
  Open();
  EXPECT_GT(BytesOnDisk(), kMuch);
  ASSERT_TRUE(Close());
  ExpectWhole();
}

TEST_F(SpareRoom, OfAKilledWriterIsGivenBackAtTheFirstStartOfTheNextBoot) {
  Begin();
  Kill();
  machine_.boot_id = "22222222222222222222222222222222";
  Open();
  EXPECT_LT(BytesOnDisk(), kMuch);
}

TEST_F(SpareRoom, OfASegmentThatWasLeftIsGivenBackAtTheNextStart) {
  Begin();
  std::ofstream(PathOf(Segments().back()), std::ios::app) << "somebody was here\n";
  Append(1);
  ASSERT_TRUE(Settle());
  Kill();
  ASSERT_GT(BytesOnDisk(), kMuch);
  Open();
  EXPECT_LT(BytesOnDisk(), kMuch);
}

TEST_F(SpareRoom, IsGivenBackAfterASyncThatFailed) {
  Begin();
  script_.Add({.call = Call::kSync});
  Append(3);
  ASSERT_TRUE(AdvanceUntil([&] { return Segments().size() == 2; }));
  ASSERT_TRUE(Settle());
  EXPECT_LT(BytesOnDisk(), kMuch);
}

}  // namespace
}  // namespace broker::testing
