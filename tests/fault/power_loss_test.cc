// What the other tests of this folder rest on: that a lost power takes what was not synced, and
// nothing else.

#include "tests/support/power_loss_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "tests/support/disk_in_memory.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_directory.h"

namespace broker::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ALostPower : public ::testing::Test {
 protected:
  ALostPower() { Begin(); }

  void Begin() { files_ = std::make_unique<PowerLossFileSystem>(root_, shadow_); }

  void LoseIt() {
    files_.reset();
    LosePower(root_, shadow_);
    Begin();
  }

  std::unique_ptr<AppendFile> OpenFile(const std::string& name) {
    auto file = files_->OpenAppend(root_ + "/" + name);
    EXPECT_TRUE(file.ok()) << file.status().message();
    return std::move(file).value();
  }

  std::vector<std::string> Names() { return files_->List(root_).value(); }
  std::string Text(const std::string& name) { return TextOf(root_ + "/" + name); }

  TempDirectory directory_;
  const std::string root_ = directory_ / "root";
  const std::string shadow_ = directory_ / "shadow";
  std::unique_ptr<FileSystem> files_;
};

TEST_F(ALostPower, TakesWhatWasAppendedSinceTheLastSync) {
  const auto file = OpenFile("a");
  ASSERT_TRUE(files_->SyncDirectory(root_).ok());
  ASSERT_TRUE(file->Append("one").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("two").ok());
  LoseIt();
  EXPECT_EQ(Text("a"), "one");
}

TEST_F(ALostPower, TakesANewFileWhoseDirectoryWasNotSynced) {
  const auto file = OpenFile("a");
  ASSERT_TRUE(file->Append("one").ok());
  ASSERT_TRUE(file->Sync().ok());
  LoseIt();
  EXPECT_EQ(Names(), std::vector<std::string>{});
}

TEST_F(ALostPower, BringsBackWhatWasRemovedOrCutAndNotSynced) {
  ASSERT_TRUE(files_->Replace(root_ + "/a", "alpha", 0600).ok());
  ASSERT_TRUE(files_->Replace(root_ + "/b", "beta", 0600).ok());
  ASSERT_TRUE(OpenFile("a")->Truncate(1).ok());
  ASSERT_TRUE(files_->Remove(root_ + "/b").ok());
  ASSERT_TRUE(files_->Rename(root_ + "/a", root_ + "/c").ok());
  LoseIt();
  EXPECT_EQ(Names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(Text("a"), "alpha");
  EXPECT_EQ(Text("b"), "beta");
}

TEST_F(ALostPower, LeavesAReplacedFileAndOneCutAndSynced) {
  ASSERT_TRUE(files_->MakeDirectories(root_ + "/sub/deeper", 0700).ok());
  ASSERT_TRUE(files_->Replace(root_ + "/sub/deeper/a", "alpha", 0600).ok());
  const auto file = files_->OpenAppend(root_ + "/sub/deeper/a");
  ASSERT_TRUE(file.value()->Truncate(1).ok());
  ASSERT_TRUE(file.value()->Append("xy").ok());
  ASSERT_TRUE(file.value()->Sync().ok());
  LoseIt();
  EXPECT_EQ(Text("sub/deeper/a"), "axy");
}

TEST_F(ALostPower, TakesWhatAnEarlierProcessDidNotSyncEither) {
  auto file = OpenFile("a");
  ASSERT_TRUE(files_->SyncDirectory(root_).ok());
  ASSERT_TRUE(file->Append("one").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("two").ok());
  file.reset();
  files_.reset();
  Begin();
  EXPECT_EQ(Text("a"), "onetwo");
  LoseIt();
  EXPECT_EQ(Text("a"), "one");
}

/// The same as above, but chance keeps some of what was not synced.
class ADiskInMemory : public ::testing::TestWithParam<uint32_t> {
 protected:
  std::unique_ptr<AppendFile> OpenFile() {
    auto file = files_->OpenAppend("/d/a");
    EXPECT_TRUE(file.ok()) << file.status().message();
    return std::move(file).value();
  }

  std::string Text() {
    const auto text = files_->ReadAll("/d/a", 100);
    return text.ok() ? text.value() : "gone";
  }

  DiskInMemory disk_{GetParam()};
  const std::unique_ptr<FileSystem> files_ = disk_.Mount();
};

TEST_P(ADiskInMemory, KeepsWhatWasSyncedAndAPartOfTheRest) {
  {
    const auto file = OpenFile();
    ASSERT_TRUE(file->Append("one").ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(files_->SyncDirectory("/d").ok());
    ASSERT_TRUE(file->Append("two").ok());
    ASSERT_TRUE(file->Truncate(1).ok());
  }
  disk_.Restart(DiskInMemory::End::kPowerLost);
  EXPECT_THAT(Text(), AnyOf("o", MatchesRegex("onet?w?o?")));
}

TEST(ManyDisksInMemory, KeepAllThatTheyMay) {
  std::set<std::string> left;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    DiskInMemory disk(seed);
    const auto files = disk.Mount();
    ASSERT_TRUE(files->OpenAppend("/a").value()->Append("one").ok());
    disk.Restart(DiskInMemory::End::kPowerLost);
    const auto text = files->ReadAll("/a", 100);
    left.insert(text.ok() ? text.value() : "gone");
  }
  EXPECT_THAT(left, ElementsAre("", "gone", "o", "on", "one"));
}

TEST_P(ADiskInMemory, LeavesToTheNextProcessAllUpToTheEndOfThisOne) {
  disk_.EndAfter(GetParam());
  {
    const auto file = OpenFile();
    ASSERT_TRUE(file->Append("ab").ok());
    ASSERT_TRUE(file->Append("cd").ok());
  }
  disk_.Restart(DiskInMemory::End::kKilled);
  const std::array<std::string, 6> left{"gone", "", "a", "ab", "abc", "abcd"};
  EXPECT_EQ(Text(), left.at(std::min<size_t>(GetParam(), 5)));
}

INSTANTIATE_TEST_SUITE_P(ManyTimes, ADiskInMemory, ::testing::Range(0U, 20U));

class AFaultyFile : public ::testing::Test {
 protected:
  AFaultyFile() {
    auto file = files_.OpenAppend(path_);
    EXPECT_TRUE(file.ok()) << file.status().message();
    file_ = std::move(file).value();
  }

  TempDirectory directory_;
  const std::string path_ = directory_ / "a";
  FaultScript script_;
  FaultyFileSystem files_{script_};
  std::unique_ptr<AppendFile> file_;
};

TEST_F(AFaultyFile, TakesSoManyBytesAndThenIsFull) {
  script_.SetRoom(5);
  EXPECT_TRUE(file_->Append("abc").ok());
  EXPECT_EQ(file_->Append("def").code(), StatusCode::kNoSpace);
  EXPECT_EQ(file_->Append("g").code(), StatusCode::kNoSpace);
  EXPECT_EQ(TextOf(path_), "abcde");
  script_.Heal();
  EXPECT_TRUE(file_->Append("f").ok());
}

TEST_F(AFaultyFile, HasTheRoomThatWasReservedForIt) {
  script_.SetRoom(5);
  EXPECT_TRUE(file_->Reserve(4).ok());
  EXPECT_EQ(file_->Reserve(6).code(), StatusCode::kNoSpace);
  EXPECT_EQ(files_.Replace(directory_ / "b", "xy", 0600).code(), StatusCode::kNoSpace);
  EXPECT_TRUE(file_->Append("abcd").ok());
  EXPECT_TRUE(file_->Append("e").ok());
  EXPECT_EQ(file_->Append("f").code(), StatusCode::kNoSpace);
}

TEST_F(AFaultyFile, FailsAsOftenAsItWasToldWhereItWasTold) {
  script_.Add({.call = Call::kAppend, .times = 2, .written = 1, .where = "/a"});
  script_.Add({.call = Call::kAppend, .where = "/other"});
  EXPECT_EQ(file_->Append("xx").code(), StatusCode::kIo);
  EXPECT_EQ(file_->Append("yy").code(), StatusCode::kIo);
  EXPECT_TRUE(file_->Append("z").ok());
  EXPECT_EQ(TextOf(path_), "xyz");
}

TEST_F(AFaultyFile, IsReplacedAndFailsAllTheSameWhereTheFaultIsLate) {
  script_.Add({.call = Call::kReplace});
  script_.Add({.call = Call::kReplace, .late = true});
  EXPECT_EQ(files_.Replace(path_, "early", 0600).code(), StatusCode::kIo);
  EXPECT_EQ(TextOf(path_), "");
  EXPECT_EQ(files_.Replace(path_, "late", 0600).code(), StatusCode::kIo);
  EXPECT_EQ(TextOf(path_), "late");
}

}  // namespace
}  // namespace broker::testing
