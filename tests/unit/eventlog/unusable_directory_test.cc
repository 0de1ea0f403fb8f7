#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <iterator>

#include <gmock/gmock.h>

#include "tests/support/wait.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

/// What `work` answers in a process that has no privileges: root may do what files' modes forbid.
std::string InAnUnprivilegedChild(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return "pipe failed";
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    std::string answer = "privileges could not be dropped";
    if (::geteuid() != 0 || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0)) answer = work();
    const ssize_t written = ::write(ends[1], answer.data(), answer.size());
    ::_exit(written == static_cast<ssize_t>(answer.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string answer;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(ends[0], buffer, sizeof buffer)) > 0) {
    answer.append(buffer, static_cast<size_t>(count));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return answer;
}

size_t ThreadCount() {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                                           std::filesystem::directory_iterator()));
}

class AnUnusableDirectory : public LogTest {
 protected:
  /// A writer's threads may be just ending, and a child of several threads may start none.
  std::string WithoutPrivileges(const std::function<std::string()>& work) {
    EXPECT_TRUE(testing::Eventually([this] { return ThreadCount() <= threads_; }));
    return InAnUnprivilegedChild(work);
  }

  /// What the writer says about the directory; "opened" when it has nothing against it.
  std::string TryToOpen() { return TryToOpen(log_); }
  std::string TryToOpen(const std::string& directory) {
    LogRecovery recovery;
    LogOptions options;
    options.directory = directory;
    const auto writer = LogWriter::Open(*files_, options, machine_, recovery);
    return writer.ok() ? "opened" : writer.status().message();
  }

  void SetMode(const std::string& path, mode_t mode) { ASSERT_EQ(::chmod(path.c_str(), mode), 0); }

 private:
  const size_t threads_ = ThreadCount();
};

TEST_F(AnUnusableDirectory, MayBeAFile) {
  WriteFileText(log_, "precious");
  EXPECT_THAT(TryToOpen(), AllOf(HasSubstr("cannot make the directory '" + log_ + "'"),
                                 HasSubstr("there is something else of that name")));
  EXPECT_EQ(ReadFileText(log_), "precious");
}

TEST_F(AnUnusableDirectory, MayLieBelowAFile) {
  WriteFileText(directory_ / "file", "precious");
  EXPECT_THAT(TryToOpen(directory_ / "file/log"), HasSubstr("cannot make the directory"));
}

TEST_F(AnUnusableDirectory, MayBeOneThatCannotBeWritten) {
  SetMode(directory_.path(), 0755);
  std::filesystem::create_directory(log_);
  SetMode(log_, 0555);
  const std::string answer = WithoutPrivileges([this] { return TryToOpen(); });
  SetMode(log_, 0755);
  EXPECT_THAT(answer, AllOf(HasSubstr("permission denied (EACCES, code 13)"), HasSubstr(log_),
                            HasSubstr("give this one the right")));
}

TEST_F(AnUnusableDirectory, MayBeOneThatCannotBeMade) {
  SetMode(directory_.path(), 0555);
  const std::string answer = WithoutPrivileges([this] { return TryToOpen(); });
  SetMode(directory_.path(), 0755);
  EXPECT_THAT(answer, AllOf(HasSubstr("cannot make the directory '" + log_ + "'"),
                            HasSubstr("permission denied (EACCES, code 13)")));
}

TEST_F(AnUnusableDirectory, MayBeAnotherUsers) {
  SetMode(directory_.path(), 0755);
  Append(*Open(), 1);
  const std::string before = ReadFileText(PathOf(1));
  SetMode(log_, 0);
  const std::string answer = WithoutPrivileges([this] { return TryToOpen(); });
  SetMode(log_, 0750);
  EXPECT_THAT(answer, AllOf(HasSubstr("cannot list the directory '" + log_ + "'"),
                            HasSubstr("permission denied (EACCES, code 13)")));
  EXPECT_EQ(ReadFileText(PathOf(1)), before);
}

TEST_F(AnUnusableDirectory, MayHoldASegmentThatCannotBeWritten) {
  SetMode(directory_.path(), 0755);
  Append(*Open(), 1);
  SetMode(log_, 0755);
  SetMode(PathOf(1), 0444);
  SetMode(log_ + "/reserved", 0666);
  const std::string answer = WithoutPrivileges([this] { return TryToOpen(); });
  EXPECT_THAT(answer, AllOf(HasSubstr("cannot open '" + PathOf(1) + "'"),
                            HasSubstr("permission denied (EACCES, code 13)")));
}

TEST_F(AnUnusableDirectory, MayHoldALinkInPlaceOfASegmentWhichIsPassedOver) {
  std::filesystem::create_directory(log_);
  WriteFileText(directory_ / "elsewhere", "precious");
  std::filesystem::create_symlink(directory_ / "elsewhere", PathOf(7));
  Append(*Open(), 1);
  EXPECT_EQ(ReadFileText(directory_ / "elsewhere"), "precious");
  EXPECT_TRUE(std::filesystem::is_symlink(PathOf(7)));
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 1));
}

TEST_F(AnUnusableDirectory, MayHoldADirectoryOrAFifoInPlaceOfASegmentWhichIsPassedOver) {
  Append(*Open(), 1);
  std::filesystem::create_directories(PathOf(7));
  ASSERT_EQ(::mkfifo(PathOf(9).c_str(), 0600), 0);
  Append(*Open(), 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 2));
  EXPECT_EQ(SegmentNames().size(), 1U);
}

TEST_F(AnUnusableDirectory, MayHoldADirectoryOfTheNameThatTheFirstSegmentNeeds) {
  std::filesystem::create_directories(PathOf(1));
  EXPECT_THAT(TryToOpen(), HasSubstr("cannot remove '" + PathOf(1) + "'"));
}

TEST_F(AnUnusableDirectory, IsUsedAgainOnceItIsMended) {
  WriteFileText(log_, "in the way");
  EXPECT_NE(TryToOpen(), "opened");
  std::filesystem::remove(log_);
  Append(*Open(), 1);
}

}  // namespace
}  // namespace broker
