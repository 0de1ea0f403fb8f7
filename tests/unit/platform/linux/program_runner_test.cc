// Programs that are run by fork, as there is no systemd where these tests run.
#include "platform/linux/program_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "event/mutex.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class Silence final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view) noexcept override {}
};

class NotingListener final : public RunListener {
 public:
  void Started(RunId, int64_t pid) noexcept override {
    const MutexLock lock(mutex_);
    pid_ = pid;
    changed_.NotifyAll();
  }
  void Ended(RunId, RunEnd end) noexcept override {
    const MutexLock lock(mutex_);
    end_ = std::move(end);
    changed_.NotifyAll();
  }
  int64_t WaitForStart() {
    const MutexLock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (pid_ == 0 && changed_.WaitUntil(mutex_, deadline)) {
    }
    return pid_;
  }
  RunEnd WaitForEnd() {
    const MutexLock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (!end_ && changed_.WaitUntil(mutex_, deadline)) {
    }
    EXPECT_TRUE(end_) << "it has not ended";
    return end_.value_or(RunEnd());
  }

 private:
  Mutex mutex_;
  Condition changed_;
  int64_t pid_ USHER_GUARDED_BY(mutex_) = 0;
  std::optional<RunEnd> end_ USHER_GUARDED_BY(mutex_);
};

class AProgram : public ::testing::Test {
 protected:
  static RunOrder Order(const std::string& text) {
    RunOrder order;
    order.instance = "test";
    order.program = "/bin/sh";
    order.arguments = {"-c", text};
    order.time_limit = seconds(20);
    order.output_limit = 4096;
    return order;
  }
  RunId Start(RunOrder order) { return runner_.Start(std::move(order), listener_); }
  RunEnd Run(RunOrder order) {
    Start(std::move(order));
    return listener_->WaitForEnd();
  }
  static std::string OutputOf(const RunEnd& end) {
    EXPECT_EQ(end.kind, RunEndKind::kExited) << end.meaning;
    return end.output;
  }

  testing::TempDirectory directory_;
  Silence silence_;
  std::shared_ptr<NotingListener> listener_ = std::make_shared<NotingListener>();
  ProgramRunner runner_{silence_};
};

/// Or only waits to be reaped by whoever has inherited it.
bool IsGone(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return !(file >> number >> name >> state) || state == "Z";
}

TEST_F(AProgram, TellsItsExitCodeAndOutput) {
  const RunEnd end = Run(Order("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(end.kind, RunEndKind::kExited);
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.output, "out\nerr\n");
  EXPECT_EQ(end.dropped, 0U);
  EXPECT_GT(end.duration.count(), 0);
  EXPECT_GT(listener_->WaitForStart(), 0);
}

TEST_F(AProgram, TellsTheSignalThatEndedIt) {
  const RunEnd end = Run(Order("kill -SEGV $$"));
  EXPECT_EQ(end.kind, RunEndKind::kSignaled);
  EXPECT_EQ(end.code, SIGSEGV);
}

TEST_F(AProgram, ReadsItsInputToTheEnd) {
  RunOrder order = Order("cat");
  order.input = std::string(60'000, 'x');
  order.output_limit = 65536;
  EXPECT_EQ(OutputOf(Run(order)), order.input);
}

TEST_F(AProgram, HasOnlyTheBeginOfItsOutputKept) {
  RunOrder order = Order("head -c 5000000 /dev/zero | tr '\\0' x");
  order.output_limit = 10;
  const RunEnd end = Run(order);
  EXPECT_EQ(OutputOf(end), "xxxxxxxxxx");
  EXPECT_EQ(end.dropped, 4'999'990U);
}

TEST_F(AProgram, HasAnEnvironmentMadeFromNothing) {
  ::setenv("SECRET_OF_THE_BROKER", "x", 1);
  RunOrder order = Order("env");
  order.variables = {{"USHER_SEQ", "5"}};
  const std::string output = OutputOf(Run(order));
  EXPECT_THAT(output, HasSubstr("USHER_SEQ=5\n"));
  EXPECT_THAT(output, HasSubstr("HOME="));
  EXPECT_THAT(output, Not(HasSubstr("SECRET")));
}

TEST_F(AProgram, HasNoDescriptorOfTheBrokers) {
  EXPECT_EQ(OutputOf(Run(Order("ls /proc/$$/fd"))), "0\n1\n2\n");
}

TEST_F(AProgram, ReadsAVariableAsTextWhateverItHolds) {
  RunOrder order = Order("echo \"$USHER_REMOTE_HOST\"");
  order.variables = {{"USHER_REMOTE_HOST", "x; touch /tmp/pwned $(id)"}};
  EXPECT_EQ(OutputOf(Run(order)), "x; touch /tmp/pwned $(id)\n");
}

TEST_F(AProgram, IsEndedWithItsChildrenAtItsLimit) {
  const std::string note = directory_ / "pids";
  RunOrder order = Order("trap '' TERM; setsid sh -c \"trap '' TERM; echo \\$\\$ >" + note +
                         "; sleep 600 & wait\" & wait; sleep 600");
  order.time_limit = milliseconds(300);
  const RunEnd end = Run(order);
  EXPECT_EQ(end.kind, RunEndKind::kTimedOut);
  std::ifstream file(note);
  std::string pid;
  file >> pid;
  ASSERT_FALSE(pid.empty());
  EXPECT_TRUE(testing::Eventually([&] { return IsGone(pid); })) << "it has left the group";
}

TEST_F(AProgram, LeavesNobodyBehind) {
  const std::string pid = OutputOf(Run(Order("setsid sleep 600 >/dev/null 2>&1 & printf $!")));
  ASSERT_FALSE(pid.empty());
  EXPECT_TRUE(testing::Eventually([&] { return IsGone(pid); }));
}

TEST_F(AProgram, IsEndedWhenNobodyWantsItAnyMore) {
  const RunId run = Start(Order("sleep 600"));
  ASSERT_GT(listener_->WaitForStart(), 0);
  runner_.Cancel(run);
  EXPECT_EQ(listener_->WaitForEnd().kind, RunEndKind::kCancelled);
}

TEST_F(AProgram, EndsWithTheRunner) {
  int64_t pid = 0;
  {
    ProgramRunner runner(silence_);
    runner.Start(Order("sleep 600"), listener_);
    pid = listener_->WaitForStart();
  }
  EXPECT_TRUE(IsGone(std::to_string(pid)));
}

TEST_F(AProgram, ThatOthersCanWriteToIsNotRun) {
  const std::string file = directory_ / "open";
  std::ofstream(file) << "#!/bin/sh\n";
  ::chmod(file.c_str(), 0777);
  RunOrder order = Order("");
  order.program = file;
  const RunEnd end = Run(order);
  EXPECT_EQ(end.kind, RunEndKind::kNotStarted);
  EXPECT_EQ(end.stage, "policy");
  EXPECT_THAT(end.meaning, HasSubstr("others than its owner can write to it"));
}

TEST_F(AProgram, IsLookedAtAnewForEachRun) {
  const std::string file = directory_ / "program";
  std::ofstream(file) << "#!/bin/sh\n";
  ::chmod(file.c_str(), 0755);
  RunOrder order = Order("");
  order.program = file;
  EXPECT_EQ(Run(order).kind, RunEndKind::kExited);
  ::chmod(file.c_str(), 0757);
  listener_ = std::make_shared<NotingListener>();
  EXPECT_EQ(Run(order).kind, RunEndKind::kNotStarted);
}

TEST_F(AProgram, ThatIsNoneIsNotStarted) {
  const std::string file = directory_ / "program";
  std::ofstream(file) << "#!/nowhere/sh\n";
  RunOrder order = Order("");
  order.program = file;
  ::chmod(file.c_str(), 0644);
  EXPECT_THAT(Run(order).meaning, HasSubstr("cannot be executed; run chmod +x"));
  ::chmod(file.c_str(), 0755);
  listener_ = std::make_shared<NotingListener>();
  const RunEnd end = Run(order);
  EXPECT_EQ(end.kind, RunEndKind::kNotStarted);
  EXPECT_EQ(end.stage, "start");
  EXPECT_EQ(end.call, "execve");
  EXPECT_EQ(end.code, ENOENT);
}

TEST_F(AProgram, RunsAsTheSessionsUserByItsId) {
  if (::geteuid() != 0) {
    SessionFacts other;
    other.user_id = "0";
    RunOrder order = Order("id -u");
    order.run_as = RunAs::kSessionUser;
    order.session = std::make_shared<const Session>(other);
    EXPECT_EQ(Run(order).stage, "policy");
    return;
  }
  SessionFacts session;
  session.id = "7";
  session.user = "root";
  session.user_id = "65534";
  RunOrder order = Order("id -u; id -g; echo $XDG_SESSION_ID $LOGNAME");
  order.run_as = RunAs::kSessionUser;
  order.session = std::make_shared<const Session>(session);
  EXPECT_EQ(OutputOf(Run(order)), "65534\n65534\n7 nobody\n");
}

}  // namespace
}  // namespace broker
