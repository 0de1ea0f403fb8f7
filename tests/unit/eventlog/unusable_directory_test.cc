#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include <gmock/gmock.h>

#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

/// A process without privileges, as root may do what files' modes forbid. It is there from the
/// beginning: a child of several threads, of which one may be just ending, could start none under
/// the thread sanitizer.
class UnprivilegedChild {
 public:
  explicit UnprivilegedChild(const std::function<std::string()>& work) {
    EXPECT_EQ(::pipe(asked_), 0);
    EXPECT_EQ(::pipe(answered_), 0);
    child_ = ::fork();
    if (child_ == 0) ::_exit(Work(work));
    ::close(asked_[0]);
    ::close(answered_[1]);
  }
  ~UnprivilegedChild() {
    ::close(asked_[1]);
    ::close(answered_[0]);
    ::waitpid(child_, nullptr, 0);
  }
  UnprivilegedChild(const UnprivilegedChild&) = delete;
  UnprivilegedChild& operator=(const UnprivilegedChild&) = delete;

  /// What `work` answers there. Once.
  std::string Ask() {
    EXPECT_EQ(::write(asked_[1], "?", 1), 1);
    std::string answer;
    char buffer[4096];
    ssize_t count = 0;
    while ((count = ::read(answered_[0], buffer, sizeof buffer)) > 0) {
      answer.append(buffer, static_cast<size_t>(count));
    }
    return answer;
  }

 private:
  int Work(const std::function<std::string()>& work) {
    ::close(asked_[1]);
    ::close(answered_[0]);
    char question = 0;
    if (::read(asked_[0], &question, 1) != 1) return 0;  // Nobody needs it.
    std::string answer = "privileges could not be dropped";
    if (::geteuid() != 0 || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0)) answer = work();
    const ssize_t written = ::write(answered_[1], answer.data(), answer.size());
    return written == static_cast<ssize_t>(answer.size()) ? 0 : 1;
  }

  int asked_[2] = {};
  int answered_[2] = {};
  pid_t child_ = 0;
};

class AnUnusableDirectory : public LogTest {
 protected:
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

  UnprivilegedChild child_{[this] { return TryToOpen(); }};
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
  const std::string answer = child_.Ask();
  SetMode(log_, 0755);
  EXPECT_THAT(answer, AllOf(HasSubstr("permission denied (EACCES, code 13)"), HasSubstr(log_),
                            HasSubstr("give this one the right")));
}

TEST_F(AnUnusableDirectory, MayBeOneThatCannotBeMade) {
  SetMode(directory_.path(), 0555);
  const std::string answer = child_.Ask();
  SetMode(directory_.path(), 0755);
  EXPECT_THAT(answer, AllOf(HasSubstr("cannot make the directory '" + log_ + "'"),
                            HasSubstr("permission denied (EACCES, code 13)")));
}

TEST_F(AnUnusableDirectory, MayBeAnotherUsers) {
  SetMode(directory_.path(), 0755);
  Append(*Open(), 1);
  const std::string before = ReadFileText(PathOf(1));
  SetMode(log_, 0);
  const std::string answer = child_.Ask();
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
  const std::string answer = child_.Ask();
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

TEST_F(AnUnusableDirectory, MayHoldDirectoriesOfTheNamesThatTheFirstSegmentNeeds) {
  std::filesystem::create_directories(PathOf(1));
  std::filesystem::create_directories(PathOf(2));
  Append(*Open(), 1);
  EXPECT_EQ(SegmentNames(), std::vector<std::string>{SegmentName(3)});
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(3, 4)) << "the log.gap and the event";
}

TEST_F(AnUnusableDirectory, MayHoldADirectoryOfTheNameThatTheNextSegmentNeeds) {
  Append(*Open(), 2);
  std::filesystem::create_directories(PathOf(3));
  machine_.boot_id = std::string(32, '2');
  Append(*Open(), 1);
  const std::vector<StoredEvent> events = ReadFrom(1);
  ASSERT_EQ(Seqs(events), (std::vector<Seq>{1, 2, 4, 5}));
  EXPECT_EQ(events[2].event.type, EventType::kLogGap);
  EXPECT_EQ(events[2].event.details, (Details{{"from", "3"}, {"to", "3"}}));
  EXPECT_EQ(events[2].event.reason, "the segment's name is taken");
  EXPECT_EQ(Verify().defects, 1U) << "the folder";
}

TEST_F(AnUnusableDirectory, MayHoldAFifoOfTheNameThatTheNextSegmentNeedsWhichStays) {
  Append(*Open(), 2);
  ASSERT_EQ(::mkfifo(PathOf(3).c_str(), 0600), 0);
  machine_.boot_id = std::string(32, '2');
  Append(*Open(), 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), (std::vector<Seq>{1, 2, 4, 5}));
  EXPECT_TRUE(std::filesystem::is_fifo(PathOf(3)));
}

TEST_F(AnUnusableDirectory,
       MayHoldADirectoryOfTheNextNumbersNameWhichCostsNothingIfNoSegmentBegins) {
  Append(*Open(), 2);
  std::filesystem::create_directories(PathOf(3));
  Append(*Open(), 1);
  EXPECT_EQ(Seqs(ReadFrom(1)), Range(1, 3));
}

TEST_F(AnUnusableDirectory, MayHoldAFifoOrALinkInPlaceOfTheReservedNumbersWhichIsReplaced) {
  const std::string reserved = log_ + "/reserved";
  std::filesystem::create_directory(log_);
  ASSERT_EQ(::mkfifo(reserved.c_str(), 0600), 0);
  Append(*Open(), 1);
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(reserved)));
  WriteFileText(directory_ / "elsewhere", "precious");
  std::filesystem::remove(reserved);
  std::filesystem::create_symlink(directory_ / "elsewhere", reserved);
  Append(*Open(), 1);
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(reserved)));
  EXPECT_EQ(ReadFileText(directory_ / "elsewhere"), "precious");
}

TEST_F(AnUnusableDirectory, MayHoldADirectoryInPlaceOfTheReservedNumbers) {
  std::filesystem::create_directories(log_ + "/reserved/kept");
  EXPECT_EQ(TryToOpen(), "'" + log_ + "/reserved' is not a regular file; move it away");
}

TEST_F(AnUnusableDirectory, IsUsedAgainOnceItIsMended) {
  WriteFileText(log_, "in the way");
  EXPECT_NE(TryToOpen(), "opened");
  std::filesystem::remove(log_);
  Append(*Open(), 1);
}

}  // namespace
}  // namespace broker
