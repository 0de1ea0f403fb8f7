#include "eventlog/file_system.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "tests/support/forked.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TheFileSystem : public ::testing::Test {
 protected:
  std::string Text(const std::string& path) {
    const auto text = files_->ReadAll(path, 1U << 20U);
    EXPECT_TRUE(text.ok()) << text.status().message();
    return text.ok() ? text.value() : "";
  }

  std::unique_ptr<AppendFile> OpenAppend(const std::string& path) {
    auto file = files_->OpenAppend(path);
    EXPECT_TRUE(file.ok()) << file.status().message();
    return file.ok() ? std::move(file).value() : nullptr;
  }

  static uint32_t ModeOf(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 07777U;
  }

  testing::TempDirectory directory_;
  const std::string path_ = directory_ / "file";
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
};

using AnAppendedFile = TheFileSystem;
using AReplacedFile = TheFileSystem;
using AReadFile = TheFileSystem;
using ADirectory = TheFileSystem;
using ALock = TheFileSystem;

TEST_F(AnAppendedFile, IsMadeReadableForTheGroupOnly) {
  const mode_t before = ::umask(022);
  OpenAppend(path_);
  ::umask(before);
  EXPECT_EQ(ModeOf(path_), 0640U);
}

TEST_F(AnAppendedFile, GrowsAndKnowsItsSize) {
  {
    const auto file = OpenAppend(path_);
    EXPECT_EQ(file->Size(), 0U);
    EXPECT_TRUE(file->Append("one ").ok());
    EXPECT_TRUE(file->Append("two").ok());
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_EQ(file->Size(), 7U);
  }
  const auto file = OpenAppend(path_);
  EXPECT_EQ(file->Size(), 7U);
  EXPECT_TRUE(file->Append(" three").ok());
  EXPECT_EQ(Text(path_), "one two three");
}

TEST_F(AnAppendedFile, CanBeCutAndAppendedToAgain) {
  const auto file = OpenAppend(path_);
  EXPECT_TRUE(file->Append("one two").ok());
  EXPECT_TRUE(file->Truncate(4).ok());
  EXPECT_EQ(file->Size(), 4U);
  EXPECT_TRUE(file->Append("three").ok());
  EXPECT_EQ(Text(path_), "one three");
}

TEST_F(AnAppendedFile, IsNotWrittenToOnceAnotherProcessHasRemovedIt) {
  const auto file = OpenAppend(path_);
  std::filesystem::remove(path_);
  const Status status = file->Append("x");
  EXPECT_EQ(status.code(), StatusCode::kCorrupt);
  EXPECT_EQ(status.message(), "'" + path_ + "' was removed or renamed by another process");
}

TEST_F(AnAppendedFile, IsNotWrittenToOnceAnotherProcessHasCutOrExtendedIt) {
  const auto file = OpenAppend(path_);
  ASSERT_TRUE(file->Append("12345").ok());
  for (const size_t size : {2U, 9U}) {
    std::filesystem::resize_file(path_, size);
    const Status status = file->Append("x");
    EXPECT_EQ(status.code(), StatusCode::kCorrupt);
    EXPECT_THAT(status.message(),
                HasSubstr("it has " + std::to_string(size) + " bytes instead of 5"));
    EXPECT_EQ(std::filesystem::file_size(path_), size);
  }
}

// A limit of the file's size is a real disk that is full after so many bytes.
TEST_F(AnAppendedFile, TellsHowMuchOfAShortWriteArrived) {
  const auto file = OpenAppend(path_);
  ASSERT_TRUE(file->Append("1234567").ok());
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 10;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = file->Append("abcdef");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(status.code(), StatusCode::kNoSpace);
  EXPECT_THAT(status.message(), HasSubstr("cannot write to '" + path_ + "': file too large"));
  EXPECT_EQ(file->Size(), 10U);
  EXPECT_TRUE(file->Truncate(7).ok());
  EXPECT_EQ(Text(path_), "1234567");
}

TEST_F(AnAppendedFile, IsNoLinkNoDirectoryAndNoFifo) {
  std::filesystem::create_symlink(directory_ / "elsewhere", path_);
  const Status link = files_->OpenAppend(path_).status();
  EXPECT_EQ(link.code(), StatusCode::kInvalid);
  EXPECT_THAT(link.message(),
              HasSubstr("it is a link, and none is followed there (ELOOP, code 40); "
                        "move it away"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "elsewhere"));
  const Status folder = files_->OpenAppend(directory_.path()).status();
  EXPECT_EQ(folder.code(), StatusCode::kInvalid);
  EXPECT_THAT(folder.message(), HasSubstr("EISDIR"));
  EXPECT_THAT(folder.message(), HasSubstr("move the directory away"));
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(files_->OpenAppend(directory_ / "fifo").status().code(), StatusCode::kInvalid);
  EXPECT_EQ(files_->Overwrite(directory_ / "fifo", "x").code(), StatusCode::kInvalid);
  EXPECT_FALSE(files_->OpenRead(directory_ / "fifo").ok());
}

TEST_F(AnAppendedFile, IsNotLeftOpenInProgramsThatAreStarted) {
  const auto file = OpenAppend(path_);
  int inherited = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) != path_) continue;
    const int fd = std::stoi(entry.path().filename().string());
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    ++inherited;
  }
  EXPECT_EQ(inherited, 1);
}

TEST_F(AReplacedFile, HasTheNewContentAndModeWhateverTheUmask) {
  const mode_t before = ::umask(077);
  EXPECT_TRUE(files_->Replace(path_, "one", 0644).ok());
  ::umask(before);
  EXPECT_EQ(Text(path_), "one");
  EXPECT_EQ(ModeOf(path_), 0644U);
  EXPECT_TRUE(files_->Replace(path_, "", 0600).ok());
  EXPECT_EQ(Text(path_), "");
  EXPECT_EQ(ModeOf(path_), 0600U);
  EXPECT_THAT(files_->List(directory_.path()).value(), ElementsAre("file"));
}

TEST_F(AReplacedFile, IsOldOrNewAndNeverHalf) {
  const std::string one(100'000, '1');
  const std::string two(50'000, '2');
  ASSERT_TRUE(files_->Replace(path_, one, 0640).ok());
  std::thread replacing([&] {
    for (int i = 0; i < 30; ++i) {
      EXPECT_TRUE(files_->Replace(path_, i % 2 == 0 ? two : one, 0640).ok());
    }
  });
  for (int i = 0; i < 300; ++i) {
    const std::string text = Text(path_);
    EXPECT_TRUE(text == one || text == two) << text.size();
  }
  replacing.join();
}

TEST_F(AReplacedFile, MayBeReplacedByTwoThreadsAtOnce) {
  const auto replace = [&](char c) {
    for (int i = 0; i < 20; ++i) {
      const Status status = files_->Replace(path_, std::string(1000, c), 0640);
      EXPECT_TRUE(status.ok()) << status.message();
    }
  };
  std::thread other(replace, 'a');
  replace('b');
  other.join();
  EXPECT_THAT(Text(path_), SizeIs(1000));
  EXPECT_THAT(files_->List(directory_.path()).value(), ElementsAre("file"));
}

TEST_F(AReplacedFile, LeavesNothingBehindWhenItFails) {
  std::filesystem::create_directory(path_);
  const Status status = files_->Replace(path_, "text", 0640);
  EXPECT_EQ(status.code(), StatusCode::kInvalid);
  EXPECT_THAT(status.message(), HasSubstr("cannot rename"));
  EXPECT_THAT(files_->List(directory_.path()).value(), ElementsAre("file"));
  EXPECT_EQ(files_->Replace(directory_ / "none/file", "text", 0640).code(), StatusCode::kNotFound);
}

TEST_F(AReplacedFile, MayBeALinkWhichIsReplacedAndNotFollowed) {
  ASSERT_TRUE(files_->Replace(directory_ / "target", "old", 0640).ok());
  std::filesystem::create_symlink(directory_ / "target", path_);
  ASSERT_TRUE(files_->Replace(path_, "new", 0640).ok());
  EXPECT_EQ(Text(directory_ / "target"), "old");
  EXPECT_EQ(Text(path_), "new");
}

TEST_F(AReadFile, IsReadAtAnyPlace) {
  ASSERT_TRUE(files_->Replace(path_, "0123456789", 0640).ok());
  const auto file = files_->OpenRead(path_);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file.value()->Size().value(), 10U);
  std::array<char, 4> four{};
  EXPECT_EQ(file.value()->ReadAt(3, four).value(), 4U);
  EXPECT_EQ(std::string(four.data(), 4), "3456");
  EXPECT_EQ(file.value()->ReadAt(8, four).value(), 2U);
  EXPECT_EQ(file.value()->ReadAt(10, four).value(), 0U);
  EXPECT_EQ(file.value()->ReadAt(1000, four).value(), 0U);
}

TEST_F(AReadFile, KnowsWhetherItsPathStillNamesIt) {
  ASSERT_TRUE(files_->Replace(path_, "one", 0640).ok());
  const auto file = files_->OpenRead(path_);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file.value()->IsStillNamed());
  std::filesystem::rename(path_, path_ + ".moved");
  EXPECT_FALSE(file.value()->IsStillNamed());
  ASSERT_TRUE(files_->Replace(path_, "one", 0640).ok());
  EXPECT_FALSE(file.value()->IsStillNamed());
  std::filesystem::rename(path_ + ".moved", path_);
  EXPECT_TRUE(file.value()->IsStillNamed());
}

TEST_F(AReadFile, ThatIsMissingSaysSo) {
  const Status status = files_->OpenRead(path_).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "cannot open '" + path_ + "': no such file or directory (ENOENT, code 2)");
}

TEST_F(AReadFile, IsReadAsAWholeUpToALimit) {
  ASSERT_TRUE(files_->Replace(path_, "0123456789", 0640).ok());
  EXPECT_EQ(files_->ReadAll(path_, 10).value(), "0123456789");
  const Status status = files_->ReadAll(path_, 9).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalid);
  EXPECT_THAT(status.message(), HasSubstr("more than 9 bytes"));
  ASSERT_TRUE(files_->Replace(path_, "", 0640).ok());
  EXPECT_EQ(files_->ReadAll(path_, 0).value(), "");
}

TEST_F(AReadFile, IsReadAsAWholeWhereItsSizeIsNotKnownBefore) {
  EXPECT_THAT(Text("/proc/self/status"), HasSubstr("Pid:"));
}

TEST_F(ADirectory, IsMadeWithThoseAboveIt) {
  const mode_t before = ::umask(022);
  EXPECT_TRUE(files_->MakeDirectories(directory_ / "a/b//c/", 0750).ok());
  ::umask(before);
  EXPECT_EQ(ModeOf(directory_ / "a"), 0750U);
  EXPECT_EQ(ModeOf(directory_ / "a/b/c"), 0750U);
  EXPECT_TRUE(files_->MakeDirectories(directory_ / "a/b/c", 0700).ok());
  EXPECT_EQ(ModeOf(directory_ / "a/b/c"), 0750U);
  EXPECT_TRUE(files_->MakeDirectories("/", 0750).ok());
}

TEST_F(ADirectory, IsNotMadeWhereSomethingElseStands) {
  ASSERT_TRUE(files_->Replace(path_, "x", 0640).ok());
  const Status taken = files_->MakeDirectories(path_, 0750);
  EXPECT_EQ(taken.code(), StatusCode::kInvalid);
  EXPECT_THAT(taken.message(), HasSubstr("there is something else of that name"));
  EXPECT_EQ(files_->MakeDirectories(path_ + "/below", 0750).code(), StatusCode::kInvalid);
}

TEST_F(ADirectory, IsListedInOrder) {
  EXPECT_THAT(files_->List(directory_.path()).value(), IsEmpty());
  for (const char* name : {"b", "a", ".hidden", "c"}) {
    ASSERT_TRUE(files_->Replace(directory_ / name, "", 0640).ok());
  }
  EXPECT_THAT(files_->List(directory_.path()).value(), ElementsAre(".hidden", "a", "b", "c"));
  EXPECT_EQ(files_->List(directory_ / "none").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(files_->List(directory_ / "a").status().code(), StatusCode::kInvalid);
}

TEST_F(ADirectory, LosesAndRenamesFiles) {
  ASSERT_TRUE(files_->Replace(path_, "x", 0640).ok());
  EXPECT_TRUE(files_->Rename(path_, directory_ / "other").ok());
  EXPECT_TRUE(files_->SyncDirectory(directory_.path()).ok());
  EXPECT_THAT(files_->List(directory_.path()).value(), ElementsAre("other"));
  EXPECT_TRUE(files_->Remove(directory_ / "other").ok());
  EXPECT_EQ(files_->Remove(directory_ / "other").code(), StatusCode::kNotFound);
  EXPECT_EQ(files_->Rename(path_, directory_ / "x").code(), StatusCode::kNotFound);
  EXPECT_EQ(files_->SyncDirectory(directory_ / "none").code(), StatusCode::kNotFound);
}

TEST_F(ALock, IsHeldUntilItGoes) {
  auto held = files_->Lock(path_);
  ASSERT_TRUE(held.ok()) << held.status().message();
  const auto try_elsewhere = [this] {
    return testing::ExitOfChild([this] {
      const Status second = files_->Lock(path_).status();
      const bool told = second.message() == "'" + path_ + "' is locked by another process";
      return second.ok() ? 0 : second.code() == StatusCode::kExists && told ? 1 : 2;
    });
  };
  EXPECT_EQ(try_elsewhere(), 1);
  held.value().reset();
  EXPECT_EQ(try_elsewhere(), 0);
}

TEST_F(ALock, IsNotHeldByAChildOfItsOwnersThatOutlivesIt) {
  const testing::Orphan orphan([this] { return files_->Lock(path_); });
  EXPECT_TRUE(files_->Lock(path_).ok());
}

}  // namespace
}  // namespace broker
