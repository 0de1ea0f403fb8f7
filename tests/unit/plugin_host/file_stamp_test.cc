#include "plugin_host/file_stamp.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class AFileStamp : public ::testing::Test {
 protected:
  void Write(const std::string& text) const { std::ofstream(file_) << text; }
  void Age(std::chrono::seconds age) const {
    std::filesystem::last_write_time(file_, std::chrono::file_clock::now() - age);
  }

  const testing::TempDirectory directory_;
  const std::string file_ = directory_ / "file";
};

TEST_F(AFileStamp, TellsOneContentFromAnother) {
  Write("one");
  const FileStamp one = StampOf(file_).value();
  EXPECT_EQ(StampOf(file_).value(), one);
  Write("three");
  EXPECT_FALSE(StampOf(file_).value() == one);
  std::filesystem::remove(file_);
  EXPECT_EQ(StampOf(file_).status().code(), StatusCode::kNotFound);
}

TEST_F(AFileStamp, TellsAnotherFileOfTheSameSizeAndTimeAndOtherRights) {
  Write("one");
  Age(std::chrono::hours(1));
  const FileStamp one = StampOf(file_).value();
  const std::string copy = directory_ / "copy";
  std::filesystem::copy_file(file_, copy);
  std::filesystem::last_write_time(copy, std::filesystem::last_write_time(file_));
  std::filesystem::rename(copy, file_);
  const FileStamp two = StampOf(file_).value();
  EXPECT_EQ(two.written, one.written);
  EXPECT_FALSE(two == one);
  std::filesystem::permissions(file_, std::filesystem::perms(0600));
  EXPECT_FALSE(StampOf(file_).value() == two);
}

TEST_F(AFileStamp, IsOfRegularFilesOnly) {
  EXPECT_EQ(StampOf(directory_.path()).status().code(), StatusCode::kInvalid);
}

TEST_F(AFileStamp, OfAnOldFileIsThereAtOnce) {
  Write("one");
  Age(kSettled);
  EXPECT_TRUE(WaitUntilSettled(file_, steady_clock::now()).ok());
}

TEST_F(AFileStamp, OfANewFileIsWaitedFor) {
  Write("one");
  EXPECT_TRUE(WaitUntilSettled(file_, steady_clock::now() + std::chrono::minutes(1)).ok());
  EXPECT_GE(std::chrono::file_clock::now() - std::filesystem::last_write_time(file_), kSettled);
}

TEST_F(AFileStamp, OfATimeToComeIsThereOnceTheFileHasNotChangedForAWhile) {
  Write("one");
  Age(-std::chrono::hours(1));
  EXPECT_TRUE(WaitUntilSettled(file_, steady_clock::now() + std::chrono::minutes(1)).ok());
}

TEST_F(AFileStamp, OfAFileThatIsStillWrittenIsNotThere) {
  Write("one");
  EXPECT_EQ(WaitUntilSettled(file_, steady_clock::now() + milliseconds(100)).status().code(),
            StatusCode::kTimeout);
  EXPECT_EQ(WaitUntilSettled(directory_ / "none", steady_clock::now()).status().code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace broker
