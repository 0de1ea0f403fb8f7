// Plugins whose threads outlive destroy(): the library stays where it is, and they are struck.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "plugin_host/code_users.h"
#include "plugin_host/file_stamp.h"
#include "tests/support/end_child.h"
#include "tests/support/forbid_call.h"
#include "tests/support/wait.h"
#include "tests/unit/plugin_host/registry_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using testing::Forbid;
using ::testing::HasSubstr;
using testing::kPatience;

/// In a process of its own, which ends as a broker does that has left something behind.
class AThreadThatIsLeft : public testing::RegistryFixture,
                          public ::testing::WithParamInterface<const char*> {
 protected:
  AThreadThatIsLeft() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    HostContext context = context_;
    context.health = &health_;
    registry_ = std::make_unique<PluginRegistry>(context);
  }

  void StartIt() {
    const std::filesystem::path file = Install(GetParam(), "it");
    std::filesystem::last_write_time(file, std::chrono::file_clock::now() - kSettled);
    settings_.plugins = {PluginOf("it", "it")};
    Start();
  }

  /// Ends the process.
  [[noreturn]] void EndLikeABroker() {
    std::filesystem::remove_all(directory_.path());
    testing::EndChild();
  }

  HealthStore health_{*files_, directory_ / "state/health"};
};

TEST_P(AThreadThatIsLeft, IsAStrikeWhenTheBrokerStops) {
  const auto body = [this] {
    StartIt();
    EXPECT_THAT(registry_->Stop(kPatience), ElementsAre("it"));
    const auto failed = announcer_.Of(EventType::kPluginFailed);
    EXPECT_EQ(failed.size(), 1U);
    EXPECT_EQ(*failed.front().Detail("instance"), "it");
    EXPECT_EQ(*failed.front().Detail("call"), "unload");
    EXPECT_EQ(*failed.front().Detail("strikes"), "1");
    EXPECT_THAT(*failed.front().Detail("error"), HasSubstr("it left a thread running"));
    EXPECT_EQ(health_.Load("it")->strikes.size(), 1U);
    EXPECT_EQ(StatusOf("it").strikes, 1U);
    registry_.reset();
    EXPECT_FALSE(std::filesystem::is_empty(directory_ / "state/modules")) << "still mapped";
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

TEST_P(AThreadThatIsLeft, QuarantinesInTheEndWhoeverRunsThen) {
  const auto body = [this] {
    StartIt();
    EXPECT_TRUE(registry_->Reload("it").ok());
    EXPECT_EQ(StatusOf("it").state, PluginState::kRunning);
    EXPECT_EQ(StatusOf("it").strikes, 1U) << "the one before left it";
    EXPECT_TRUE(registry_->Disable("it").ok());
    EXPECT_EQ(StatusOf("it").state, PluginState::kDisabled);
    EXPECT_EQ(StatusOf("it").strikes, 2U);
    EXPECT_TRUE(registry_->Enable("it").ok());
    EXPECT_TRUE(registry_->Reload("it").ok());
    EXPECT_EQ(StatusOf("it").state, PluginState::kQuarantined);
    EXPECT_EQ(announcer_.Of(EventType::kPluginQuarantined).size(), 1U);
    EXPECT_EQ(announcer_.Of(EventType::kPluginFailed).size(), 3U);
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

/// As it was loaded, its library started the thread, and then was refused.
class AThreadOfALibraryThatIsRefused : public AThreadThatIsLeft {};

TEST_P(AThreadOfALibraryThatIsRefused, IsAStrikeEachTimeAndKeepsTheLibrary) {
  const auto body = [this] {
    StartIt();
    EXPECT_TRUE(registry_->KeepsLibraries());
    EXPECT_EQ(StatusOf("it").state, PluginState::kFailed);
    EXPECT_EQ(StatusOf("it").strikes, 1U);
    EXPECT_THAT(StatusOf("it").last_error, HasSubstr("/lib/it.so'")) << "why it does not run";
    EXPECT_EQ(announcer_.Of(EventType::kPluginFailed).size(), 2U) << "for each reason";
    EXPECT_FALSE(registry_->Reload("it").ok());
    EXPECT_FALSE(registry_->Reload("it").ok());
    EXPECT_EQ(StatusOf("it").state, PluginState::kQuarantined);
    EXPECT_THAT(registry_->Stop(kPatience), ElementsAre("it"));
    registry_.reset();
    EXPECT_FALSE(std::filesystem::is_empty(directory_ / "state/modules")) << "still mapped";
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

TEST_P(AThreadOfALibraryThatIsRefused, QuarantinesAtTheStart) {
  const auto body = [this] {
    const auto add = [now = clock_.Now().realtime_us](Health& health) {
      for (int i = 0; i < 2; ++i) health.Add({now, PluginCall::kUnload, 0}, "as before");
    };
    EXPECT_TRUE(health_.Update("it", add).ok());
    StartIt();
    EXPECT_EQ(StatusOf("it").state, PluginState::kQuarantined);
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

TEST_P(AThreadOfALibraryThatIsRefused, IsAStrikeOfTheOneThatRunsOn) {
  const auto body = [this] {
    Add("good");
    Start();
    const std::filesystem::path file = Install(GetParam(), "other");
    std::filesystem::last_write_time(file, std::chrono::file_clock::now() - kSettled);
    Settings wanted = settings_;
    wanted.plugins = {PluginOf("good", "other")};
    registry_->Apply(wanted, ComparePlugins(settings_, wanted));
    EXPECT_EQ(StatusOf("good").state, PluginState::kRunning);
    EXPECT_EQ(StatusOf("good").strikes, 1U);
    EXPECT_TRUE(registry_->KeepsLibraries());
    EXPECT_THAT(registry_->Stop(kPatience), ElementsAre("good"));
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(That, AThreadOfALibraryThatIsRefused,
                         ::testing::Values("early_thread", "early_thread_no_entry"),
                         [](const auto& name) { return std::string(name.param); });

class ALibraryThatIsNeverUnloaded : public AThreadThatIsLeft {};

TEST_F(ALibraryThatIsNeverUnloaded, HoldsUpNobodyThoughItWasRefusedAsAnotherPlugin) {
  const auto body = [this] {
    Add("chatters");
    Start();
    const std::filesystem::path file = Install("hang_in_unload", "chatters");
    std::filesystem::last_write_time(file, std::chrono::file_clock::now() - kSettled);
    EXPECT_THAT(registry_->Reload("chatters").message(), HasSubstr("has become another plugin"));
    EXPECT_EQ(StatusOf("chatters").state, PluginState::kRunning);
    EXPECT_EQ(announcer_.Of(EventType::kPluginOverdue).size(), 1U);
    EXPECT_TRUE(registry_->KeepsLibraries());
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

/// Beside it, another one has a thread that blocks every signal, and joins it in the end.
class AThreadThatCannotBeAsked : public AThreadThatIsLeft {};

TEST_F(AThreadThatCannotBeAsked, KeepsALibraryButIsNoFailure) {
  const auto body = [this] {
    Add("good");
    Start();
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::atomic<bool> wait = true;
    std::thread other([&] { wait.wait(true); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_THAT(registry_->Stop(kPatience), ElementsAre());
    EXPECT_TRUE(registry_->KeepsLibraries());
    EXPECT_TRUE(
        Said("plugin good: its library stays in memory: "
             "a thread cannot be asked whether it is in use"));
    EXPECT_TRUE(announcer_.Of(EventType::kPluginFailed).empty());
    wait = false;
    wait.notify_all();
    other.join();
    EndLikeABroker();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(That, AThreadThatIsLeft,
                         ::testing::Values("leaves_thread", "leaves_busy_thread"),
                         [](const auto& name) { return std::string(name.param); });

std::shared_ptr<const Library> Open(const std::string& name) {
  const std::string file = TEST_PLUGIN_DIRECTORY "/" + name;
  auto library = Library::OpenFile(file, file);
  EXPECT_TRUE(library.ok()) << library.status().message();
  return std::move(library).value();
}

/// Who was still in the library as it was to be unloaded, which is now.
size_t LeftIn(std::shared_ptr<const Library> library) {
  const auto left = library->Left();
  library.reset();
  EXPECT_EQ(left->unknown, 0U);
  return left->inside;
}

TEST(AThreadInALibraryThatCameWithAPlugin, KeepsThePlugin) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto body = [] {
    auto library = Open("thread_elsewhere.so");
    EXPECT_NE(library->Entry().create(nullptr, nullptr), nullptr);
    EXPECT_EQ(LeftIn(std::move(library)), 1U);
    testing::EndChild();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

TEST(AThreadInALibraryThatCameWithAPlugin, KeepsTheLastThatNeedsIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto body = [] {
    auto first = Open("thread_elsewhere.so");
    EXPECT_NE(first->Entry().create(nullptr, nullptr), nullptr);
    const int64_t made = MarkThread().time;
    EXPECT_TRUE(testing::Eventually([made] { return MarkThread().time > made; }));
    auto second = Open("thread_elsewhere_too.so");
    EXPECT_EQ(LeftIn(std::move(first)), 0U) << "where it is stays";
    EXPECT_EQ(LeftIn(std::move(second)), 1U) << "though it is older";
    testing::EndChild();
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

/// As long as it lives the process may have no more of something.
class NoMore {
 public:
  explicit NoMore(__rlimit_resource of) : of_(of) {
    EXPECT_EQ(::getrlimit(of_, &before_), 0);
    const rlimit none{0, before_.rlim_max};
    EXPECT_EQ(::setrlimit(of_, &none), 0);
  }
  ~NoMore() { EXPECT_EQ(::setrlimit(of_, &before_), 0); }
  NoMore(const NoMore&) = delete;
  NoMore& operator=(const NoMore&) = delete;

 private:
  const __rlimit_resource of_;
  rlimit before_{};
};

/// In the calling thread, and those that it starts meanwhile.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    EXPECT_EQ(::pthread_sigmask(SIG_SETMASK, &all, &before_), 0);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

class TheUsersOfCode : public ::testing::Test {
 protected:
  /// Waits in this program's code until the test is over.
  void RunThread() {
    thread_ = std::thread([this] {
      running_ = true;
      running_.notify_all();
      running_.wait(true);
    });
    running_.wait(false);
  }
  void EndThread() {
    running_ = false;
    running_.notify_all();
    thread_.join();
  }

  /// What becomes known of a thread that is elsewhere.
  CodeUsers LookAtOneThread() {
    const ThreadMark before = MarkThread();
    RunThread();
    const CodeUsers users = FindCodeUsers(kElsewhere, before);
    EndThread();
    return users;
  }

  /// No address at all, and no number that lies about on stacks.
  static constexpr std::array kElsewhere{CodeRange{0x5A5A'1234'A5A5'4321, 0x5A5A'1234'A5A5'4322}};
  const std::array<CodeRange, 1> code_{CodeAround(reinterpret_cast<uintptr_t>(&MarkThread))};
  std::thread thread_;
  std::atomic<bool> running_ = false;
};

TEST_F(TheUsersOfCode, AreThreadsThatWereStartedSince) {
  const ThreadMark before = MarkThread();
  EXPECT_TRUE(FindCodeUsers(code_, before).None()) << "who asks is not one";
  RunThread();
  EXPECT_EQ(FindCodeUsers(code_, before).inside, 1U);
  EXPECT_EQ(FindCodeUsers(kElsewhere, before).inside, 0U) << "it is elsewhere";
  ThreadMark later = before;
  later.time += 1'000'000;
  EXPECT_TRUE(FindCodeUsers(code_, later).None()) << "it was there before";
  EndThread();
  EXPECT_TRUE(WaitForCodeUsers(code_, before, kPatience).None());
}

/// The kernel tells starts to a hundredth of a second.
TEST_F(TheUsersOfCode, AreNotThreadsThatWereThereJustBefore) {
  for (int i = 0; i < 20; ++i) {
    RunThread();
    EXPECT_TRUE(FindCodeUsers(code_, MarkThread()).None());
    EndThread();
  }
}

TEST_F(TheUsersOfCode, AreWaitedFor) {
  const ThreadMark before = MarkThread();
  RunThread();
  std::jthread asks([&] { EXPECT_TRUE(WaitForCodeUsers(code_, before, kPatience).None()); });
  EndThread();
}

TEST_F(TheUsersOfCode, AreDeafWhereThereIsTooMuchCode) {
  const std::vector<CodeRange> much(65, kElsewhere.front());
  EXPECT_EQ(FindCodeUsers(much, MarkThread()).deaf, 1U);
}

TEST_F(TheUsersOfCode, AreUnknownWhereThreadsCannotBeListed) {
  const ThreadMark before = MarkThread();
  const NoMore files(RLIMIT_NOFILE);
  EXPECT_GE(FindCodeUsers(kElsewhere, before).unknown, 1U);
}

TEST_F(TheUsersOfCode, AreUnknownWhereNoSignalCanBeSent) {
  const NoMore signals(RLIMIT_SIGPENDING);
  EXPECT_EQ(LookAtOneThread().unknown, 1U);
}

TEST_F(TheUsersOfCode, AreDeafWhereTheyBlockTheSignal) {
  const AllSignalsBlocked blocked;
  EXPECT_TRUE(testing::Eventually([this] { return LookAtOneThread().deaf == 1; }))
      << "once it sleeps";
}

TEST_F(TheUsersOfCode, MayAnswerLaterWhereTheyBlockTheSignalAndRun) {
  const ThreadMark before = MarkThread();
  std::atomic<bool> running = false;
  std::atomic<bool> end = false;
  std::thread thread;
  {
    const AllSignalsBlocked blocked;
    thread = std::thread([&] {
      running = true;
      while (!end) {
      }
    });
  }
  EXPECT_TRUE(testing::Eventually([&] { return running.load(); }));
  const CodeUsers users = FindCodeUsers(kElsewhere, before);
  EXPECT_TRUE(users.Answering()) << "it may be at its very end";
  EXPECT_EQ(users.unknown, 1U);
  end = true;
  thread.join();
}

TEST_F(TheUsersOfCode, AreNotAskedBySomebodyElsesSignal) {
  const int signal = SIGRTMAX - 1;
  struct sigaction before {};
  struct sigaction others {};
  others.sa_handler = [](int) {};
  ASSERT_EQ(::sigaction(signal, &others, &before), 0);
  EXPECT_EQ(LookAtOneThread().deaf, 1U);
  ASSERT_EQ(::sigaction(signal, &before, nullptr), 0);
  // The thread before may still be on its way out, when it has all signals blocked.
  EXPECT_TRUE(testing::Eventually([this] { return LookAtOneThread().None(); }));
}

TEST_F(TheUsersOfCode, AreUnknownWhereThereIsNothingToTellOfAThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto body = [this](unsigned call) {
    Forbid(call);
    EXPECT_GE(LookAtOneThread().unknown, 1U);
    testing::EndChild();
  };
  EXPECT_EXIT(body(SYS_process_vm_readv), ::testing::ExitedWithCode(0), "") << "its stack";
  EXPECT_EXIT(body(SYS_read), ::testing::ExitedWithCode(0), "") << "its start";
  EXPECT_EXIT(body(SYS_getdents64), ::testing::ExitedWithCode(0), "") << "that it is there";
}

}  // namespace
}  // namespace broker
