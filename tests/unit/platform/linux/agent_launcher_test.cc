// Agents that are forked, as there is no systemd where these tests run.
#include "platform/linux/agent_launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "event/clock.h"
#include "platform/linux/agent_unit.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class Silence final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view) noexcept override {}
};

class NotingListener final : public LaunchListener {
 public:
  void Started(LaunchId, LaunchStart start) noexcept override {
    const MutexLock lock(mutex_);
    start_ = start;
  }
  void Ended(LaunchId, LaunchEnd end) noexcept override {
    const MutexLock lock(mutex_);
    end_ = std::move(end);
  }
  [[nodiscard]] std::optional<LaunchStart> Start() {
    const MutexLock lock(mutex_);
    return start_;
  }
  [[nodiscard]] std::optional<LaunchEnd> End() {
    const MutexLock lock(mutex_);
    return end_;
  }
  LaunchStart WaitForStart() {
    EXPECT_TRUE(testing::Eventually([this] { return Start() || End(); }));
    EXPECT_TRUE(Start()) << End()->meaning;
    return Start().value_or(LaunchStart());
  }
  LaunchEnd WaitForEnd() {
    EXPECT_TRUE(testing::Eventually([this] { return End().has_value(); }));
    return End().value_or(LaunchEnd());
  }

 private:
  Mutex mutex_;
  std::optional<LaunchStart> start_ USHER_GUARDED_BY(mutex_);
  std::optional<LaunchEnd> end_ USHER_GUARDED_BY(mutex_);
};

class AForkedAgent : public ::testing::Test {
 protected:
  AForkedAgent() {
    std::filesystem::create_directories(sessions_);
    WriteRecord("active");
    Restart();
  }
  void WriteRecord(const std::string& state) {
    std::ofstream(sessions_ + "/7")
        << "UID=" << ::getuid() << "\nSTATE=" << state << "\nMONOTONIC=100\n";
  }
  /// Another broker in the place of the one before.
  void Restart() {
    launcher_.reset();
    launcher_ =
        std::make_unique<AgentLauncher>(LauncherContext{clock_, silence_},
                                        LauncherFolders{sessions_, directory_ / "users", groups_});
  }
  LaunchOrder Order(const std::string& script) const {
    SessionFacts facts;
    facts.id = "7";
    // No other test's agent.
    facts.key = directory_ / "7";
    facts.user_id = std::to_string(::getuid());
    facts.created_us = 100;
    LaunchOrder order;
    order.instance = "test";
    order.agent = "tray";
    order.session = std::make_shared<const Session>(facts);
    order.program = "/bin/sh";
    order.arguments = {"-c", script};
    order.variables = {{"OUT", directory_ / "out"}};
    order.keep = false;
    return order;
  }
  LaunchId Start(LaunchOrder order) {
    listener_ = std::make_shared<NotingListener>();
    return launcher_->Start(std::move(order), listener_);
  }
  [[nodiscard]] std::string Output() const {
    std::ifstream file(directory_ / "out");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] static bool Runs(int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    return (file >> number >> name >> state) && state != "Z";
  }

  testing::TempDirectory directory_;
  const std::string sessions_ = directory_ / "sessions";
  std::string groups_ = directory_ / "no-groups";
  const SystemClock clock_;
  Silence silence_;
  std::shared_ptr<NotingListener> listener_;
  std::unique_ptr<AgentLauncher> launcher_;
};

/// There are control groups.
class AForkedAgentInAGroup : public AForkedAgent {
 protected:
  AForkedAgentInAGroup() {
    groups_ = directory_ / "groups";
    std::filesystem::create_directory(groups_);
    EXPECT_EQ(::mount("cgroup2", groups_.c_str(), "cgroup2", 0, nullptr), 0) << errno;
    Restart();
  }
  ~AForkedAgentInAGroup() override {
    launcher_.reset();
    EXPECT_EQ(::umount(groups_.c_str()), 0) << errno;
  }

  [[nodiscard]] bool HasGroup() const {
    return std::filesystem::exists(groups_ + "/usher/" + UnitOfAgent(Order("")));
  }

  /// Starts an agent that starts a process of which nothing says whose it is; the latter's number.
  int64_t StartWithStray(bool keep) {
    LaunchOrder order = Order("env -i setsid sh -c 'echo $$ >" + (directory_ / "stray") +
                              "; while :; do sleep 0.05; done' & wait");
    order.keep = keep;
    Start(std::move(order));
    int64_t stray = 0;
    EXPECT_TRUE(testing::Eventually(
        [&] { return bool(std::ifstream(directory_ / "stray") >> stray) && stray != 0; }));
    return stray;
  }
};

constexpr const char* kSleep = "while :; do sleep 0.05; done";

TEST_F(AForkedAgent, RunsInASessionOfItsOwnWithAnEnvironmentOfItsOwn) {
  ASSERT_EQ(::setenv("OF_THE_BROKER", "1", 1), 0);
  Start(Order("env >$OUT; ls /proc/self/fd | wc -l >>$OUT"));
  const LaunchStart start = listener_->WaitForStart();
  EXPECT_GT(start.pid, 0);
  EXPECT_FALSE(start.adopted);
  const LaunchEnd end = listener_->WaitForEnd();
  EXPECT_EQ(end.kind, LaunchEndKind::kExited);
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(Output(), HasSubstr("XDG_SESSION_ID=7\n"));
  EXPECT_THAT(Output(), HasSubstr("USHER_AGENT=tray\n"));
  EXPECT_THAT(Output(), ::testing::Not(HasSubstr("OF_THE_BROKER")));
  EXPECT_TRUE(Output().ends_with("\n4\n")) << Output();
}

TEST_F(AForkedAgent, TellsItsExitCodeAndSignal) {
  Start(Order("exit 3"));
  EXPECT_EQ(listener_->WaitForEnd().code, 3);
  Start(Order("kill -SEGV $$"));
  const LaunchEnd end = listener_->WaitForEnd();
  EXPECT_EQ(end.kind, LaunchEndKind::kSignaled);
  EXPECT_EQ(end.code, SIGSEGV);
}

TEST_F(AForkedAgent, ThatCannotBeExecutedSaysWhy) {
  LaunchOrder order = Order("");
  order.program = "/usr/bin/there-is-none";
  Start(order);
  LaunchEnd end = listener_->WaitForEnd();
  EXPECT_EQ(end.kind, LaunchEndKind::kFailed);
  EXPECT_EQ(end.failure.stage, LaunchStage::kSpawn);
  EXPECT_EQ(end.failure.code, ENOENT);
  EXPECT_EQ(end.failure.remedy, Remedy::kFix);
  order = Order("");
  order.directory = "/there/is/none";
  Start(order);
  end = listener_->WaitForEnd();
  EXPECT_EQ(end.failure.call, "chdir");
  EXPECT_FALSE(listener_->Start());
}

TEST_F(AForkedAgent, IsAskedToEndAndMadeToWithAllThatItStarted) {
  LaunchOrder order = Order("trap '' TERM; sleep 1000 & echo $! >$OUT; wait; while :; do :; done");
  order.stop_time = milliseconds(200);
  const LaunchId launch = Start(order);
  const LaunchStart start = listener_->WaitForStart();
  ASSERT_TRUE(testing::Eventually([&] { return Output().ends_with("\n"); }));
  launcher_->Stop(launch);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
  EXPECT_FALSE(Runs(start.pid));
  EXPECT_TRUE(testing::Eventually([&] { return !Runs(std::stol(Output())); }));
}

TEST_F(AForkedAgent, HasItsLimits) {
  LaunchOrder order = Order("ulimit -n >$OUT; ulimit -d >>$OUT");
  order.limits.open_files = 77;
  order.limits.memory_bytes = 256UL << 20U;
  Start(order);
  listener_->WaitForEnd();
  EXPECT_EQ(Output(), "77\n262144\n");
}

TEST_F(AForkedAgent, OfASessionThatIsOverIsDropped) {
  WriteRecord("closing");
  Start(Order(kSleep));
  const LaunchEnd end = listener_->WaitForEnd();
  EXPECT_EQ(end.failure.stage, LaunchStage::kSession);
  EXPECT_EQ(end.failure.remedy, Remedy::kDrop);
}

TEST_F(AForkedAgent, EndsWithItsSession) {
  Start(Order(kSleep));
  listener_->WaitForStart();
  WriteRecord("closing");
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
}

TEST_F(AForkedAgent, EndsWithItsBrokerUnlessItIsKept) {
  Start(Order(kSleep));
  const int64_t pid = listener_->WaitForStart().pid;
  Restart();
  EXPECT_FALSE(Runs(pid));
}

TEST_F(AForkedAgent, ThatIsKeptIsFoundByTheNextBrokerAndEndedByIt) {
  LaunchOrder order = Order(kSleep);
  order.keep = true;
  Start(order);
  const int64_t pid = listener_->WaitForStart().pid;
  Restart();
  EXPECT_TRUE(Runs(pid));
  const LaunchId launch = Start(order);
  const LaunchStart start = listener_->WaitForStart();
  EXPECT_TRUE(start.adopted);
  EXPECT_EQ(start.pid, pid);
  launcher_->Stop(launch);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
  EXPECT_TRUE(testing::Eventually([&] { return !Runs(pid); }));
}

TEST_F(AForkedAgent, ThatIsFoundAgainIsAsOldAsItIs) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kAge(50);
  constexpr std::chrono::milliseconds kTick(10);  // As exactly as the kernel tells it.
  LaunchOrder order = Order(kSleep);
  order.keep = true;
  const auto before = steady_clock::now();
  Start(order);
  listener_->WaitForStart();
  const auto after = steady_clock::now();
  Restart();
  ASSERT_TRUE(testing::Eventually([&] { return steady_clock::now() - after >= kAge; }));
  const LaunchId launch = Start(order);
  const LaunchStart start = listener_->WaitForStart();
  EXPECT_GE(start.duration, kAge);
  EXPECT_LE(start.duration, steady_clock::now() - before + 2 * kTick);
  launcher_->Stop(launch);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
}

TEST_F(AForkedAgent, ThatNobodyAsksForAgainIsEndedOnceTheInstanceHasSettled) {
  LaunchOrder order = Order(kSleep);
  order.instance = "settles";
  order.keep = true;
  Start(order);
  const int64_t pid = listener_->WaitForStart().pid;
  Restart();
  launcher_->Settle("another");
  launcher_->Settle("settles");
  EXPECT_TRUE(testing::Eventually([&] { return !Runs(pid); }));
}

TEST_F(AForkedAgent, ThatIsAskedForAgainIsNotEndedWhileItIsLookedForInTheOtherScope) {
  LaunchOrder order = Order(kSleep);
  order.instance = "settles-too";  // What other tests have is in /proc, too.
  order.keep = true;
  Start(order);
  const int64_t pid = listener_->WaitForStart().pid;
  Restart();
  const LaunchId again = Start(order);
  launcher_->Settle("settles-too");
  EXPECT_EQ(listener_->WaitForStart().pid, pid);
  launcher_->Stop(again);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
}

TEST_F(AForkedAgent, IsNotStartedBeforeWhatItWaitsForIsThere) {
  LaunchOrder order = Order("exit 0");
  order.ready.runtime_directory = true;
  order.ready.timeout = milliseconds(100);
  Start(order);
  const LaunchEnd end = listener_->WaitForEnd();
  EXPECT_EQ(end.failure.stage, LaunchStage::kEnvironment);
  EXPECT_EQ(end.failure.call, "runtime directory");
  order.ready.timeout = seconds(20);
  Start(order);
  std::filesystem::create_directories(directory_ / ("users/" + std::to_string(::getuid())));
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kExited);
}

TEST_F(AForkedAgent, DoesNotIgnoreWhatTheBrokerDoes) {
  for (const int number : {SIGPIPE, SIGXFSZ}) {
    const auto before = std::signal(number, SIG_IGN);
    Start(Order("kill -" + std::to_string(number) + " $$"));
    const LaunchEnd end = listener_->WaitForEnd();
    EXPECT_EQ(end.kind, LaunchEndKind::kSignaled);
    EXPECT_EQ(end.code, number);
    std::signal(number, before);
  }
}

TEST_F(AForkedAgent, IsHandedOverToTheNextOfAnInstanceWhoseAgentsAreAllReleased) {
  LaunchOrder order = Order(kSleep);
  order.keep = true;
  Start(order);
  const int64_t pid = listener_->WaitForStart().pid;
  launcher_->ReleaseAll("another");
  launcher_->ReleaseAll("test");
  const LaunchId next = Start(order);
  const LaunchStart start = listener_->WaitForStart();
  EXPECT_TRUE(start.adopted);
  EXPECT_EQ(start.pid, pid);
  launcher_->Stop(next);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
}

TEST_F(AForkedAgent, GoesOnWhereTheAgentsOfAnotherInstanceAreReleased) {
  const LaunchId id = Start(Order(kSleep));
  const int64_t pid = listener_->WaitForStart().pid;
  launcher_->ReleaseAll("another");
  launcher_->Stop(id);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
  EXPECT_TRUE(testing::Eventually([pid] { return !Runs(pid); }));
}

TEST_F(AForkedAgent, ThatIsNotToBeKeptEndsWhereAllOfItsInstanceAreReleased) {
  Start(Order(kSleep));
  const int64_t pid = listener_->WaitForStart().pid;
  launcher_->ReleaseAll("test");
  EXPECT_TRUE(testing::Eventually([pid] { return !Runs(pid); }));
}

TEST_F(AForkedAgentInAGroup, EndsWithAllThatItHasStarted) {
  const int64_t stray = StartWithStray(false);
  EXPECT_TRUE(Runs(stray));
  EXPECT_TRUE(HasGroup());
  launcher_->Stop(1);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
  EXPECT_TRUE(testing::Eventually([&] { return !Runs(stray); }));
  EXPECT_TRUE(testing::Eventually([&] { return !HasGroup(); }));
}

TEST_F(AForkedAgentInAGroup, EndsSoAlsoWhereAnotherBrokerHasStartedIt) {
  const int64_t stray = StartWithStray(true);
  Restart();
  const LaunchId again = Start(Order(""));
  EXPECT_TRUE(listener_->WaitForStart().adopted);
  launcher_->Stop(again);
  EXPECT_EQ(listener_->WaitForEnd().kind, LaunchEndKind::kStopped);
  EXPECT_TRUE(testing::Eventually([&] { return !Runs(stray); }));
}

}  // namespace
}  // namespace broker
