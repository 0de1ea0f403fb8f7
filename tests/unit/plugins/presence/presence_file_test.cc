#include "presence_file.h"

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <usher/cpp/error.hpp>

#include "tests/support/temp_directory.h"

namespace {

namespace fs = std::filesystem;
using presence::PresenceFile;
using testing::HasSubstr;

std::string Content(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

size_t EntriesIn(const std::string& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

/// Lets this process write no file longer than `bytes`, as on a disk with so much space left.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small{bytes, limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*before_)(int);
  rlimit limit_{};
};

std::string FailureOf(const PresenceFile& file, const std::string& content) {
  try {
    file.Write(content);
  } catch (const usher::Error& error) {
    EXPECT_EQ(error.status(), USHER_IO);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(ThePresenceFile, IsReplacedWithNothingLeftBehind) {
  const broker::testing::TempDirectory folder;
  const PresenceFile file(folder / "p.json", fs::perms(0644));
  file.Write("first, and longer");
  file.Write("second");
  EXPECT_EQ(Content(folder / "p.json"), "second");
  EXPECT_EQ(EntriesIn(folder.path()), 1U);
}

TEST(ThePresenceFile, IsAnotherFileAfterEachWrite) {
  const broker::testing::TempDirectory folder;
  const PresenceFile file(folder / "p.json", fs::perms(0644));
  file.Write("first");
  std::ifstream reader(folder / "p.json");
  file.Write("second");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "first")
      << "a reader that is at it goes on with what it opened";
}

TEST(ThePresenceFile, HasItsModeWhateverTheUmask) {
  const broker::testing::TempDirectory folder;
  for (const auto mode : {fs::perms(0600), fs::perms(0664)}) {
    PresenceFile(folder / "p.json", mode).Write("x");
    EXPECT_EQ(fs::status(folder / "p.json").permissions(), mode);
  }
}

TEST(ThePresenceFile, WithoutAFolderIsASentence) {
  const broker::testing::TempDirectory folder;
  const PresenceFile file(folder / "missing/p.json", fs::perms(0644));
  const std::string text = FailureOf(file, "x");
  EXPECT_THAT(text, HasSubstr("missing/p.json"));
  EXPECT_THAT(text, HasSubstr("No such file or directory"));
  fs::create_directory(folder / "missing");
  file.Write("now");
  EXPECT_EQ(Content(folder / "missing/p.json"), "now");
}

TEST(ThePresenceFile, ThatDoesNotFitOnTheDiskStaysAsItWas) {
  const broker::testing::TempDirectory folder;
  const PresenceFile file(folder / "p.json", fs::perms(0644));
  file.Write("as it was");
  {
    const FileSizeLimit limit(1000);
    EXPECT_THAT(FailureOf(file, std::string(100'000, 'x')), HasSubstr("cannot be written"));
    EXPECT_THAT(FailureOf(file, std::string(1001, 'x')), HasSubstr("File too large"));
  }
  EXPECT_EQ(Content(folder / "p.json"), "as it was");
  EXPECT_EQ(EntriesIn(folder.path()), 1U);
}

TEST(ThePresenceFile, ThatIsAFolderIsASentenceAndLeavesNothingBehind) {
  const broker::testing::TempDirectory folder;
  fs::create_directory(folder / "p.json");
  std::ofstream(folder / "p.json/inside") << "x";
  EXPECT_THAT(FailureOf(PresenceFile(folder / "p.json", fs::perms(0644)), "x"),
              HasSubstr("cannot be replaced"));
  EXPECT_EQ(EntriesIn(folder.path()), 1U);
}

TEST(ThePresenceFile, RemovesWhatACrashLeftButNothingElse) {
  const broker::testing::TempDirectory folder;
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::minutes(2);
  for (const char* name : {".p.json.17.tmp", ".q.json.17.tmp", "p.json", ".p.json.bak"}) {
    std::ofstream(folder / name) << "x";
    fs::last_write_time(folder / name, long_ago);
  }
  PresenceFile(folder / "p.json", fs::perms(0644)).RemoveLeftovers();
  EXPECT_FALSE(fs::exists(folder / ".p.json.17.tmp"));
  EXPECT_EQ(EntriesIn(folder.path()), 3U);
  PresenceFile(folder / "missing/p.json", fs::perms(0644)).RemoveLeftovers();
}

TEST(ThePresenceFile, LeavesAloneWhatAnotherInstanceIsWriting) {
  const broker::testing::TempDirectory folder;
  std::ofstream(folder / ".p.json.17.tmp") << "x";
  PresenceFile(folder / "p.json", fs::perms(0644)).RemoveLeftovers();
  EXPECT_TRUE(fs::exists(folder / ".p.json.17.tmp"));
}

}  // namespace
