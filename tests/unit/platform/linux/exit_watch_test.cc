#include "platform/linux/exit_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kPatienceMs = 20'000;

/// A child that lives until it is killed.
class Child {
 public:
  Child() : pid_(::fork()) {
    while (pid_ == 0) ::pause();
  }
  ~Child() { Kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t Pid() const { return pid_; }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

bool IsReadable(const ExitWatch& watch, int timeout_ms) {
  pollfd polled{watch.Fd(), POLLIN, 0};
  return ::poll(&polled, 1, timeout_ms) == 1;
}

TEST(AnExitWatch, TellsOfTheUserWhoseProcessHasEndedOnce) {
  Child ends;
  const Child stays;
  ExitWatch watch;
  watch.Add(ends.Pid(), 2001);
  watch.Add(stays.Pid(), 2002);
  EXPECT_FALSE(IsReadable(watch, 0));
  EXPECT_THAT(watch.TakeEnded(), IsEmpty());
  ends.Kill();
  EXPECT_TRUE(IsReadable(watch, kPatienceMs));
  EXPECT_THAT(watch.TakeEnded(), ElementsAre(2001));
  EXPECT_FALSE(IsReadable(watch, 0));
  EXPECT_THAT(watch.TakeEnded(), IsEmpty());
}

TEST(AnExitWatch, WatchesNoMoreThanItsShareOfDescriptors) {
  Child child;
  ExitWatch watch;
  for (uid_t user = 0; user < 300; ++user) watch.Add(child.Pid(), user);
  child.Kill();
  size_t told = 0;
  while (IsReadable(watch, 0)) told += watch.TakeEnded().size();
  EXPECT_EQ(told, 256U);
}

TEST(AnExitWatch, PassesOverProcessesThatAreNot) {
  Child child;
  Child gone;
  const pid_t former = gone.Pid();
  gone.Kill();
  ExitWatch watch;
  for (const pid_t pid : {0, -1, former}) watch.Add(pid, 2001);
  EXPECT_FALSE(IsReadable(watch, 0));
  EXPECT_THAT(watch.TakeEnded(), IsEmpty());
  watch.Add(child.Pid(), 2002);
  watch.Add(0, 2001);
  child.Kill();
  EXPECT_TRUE(IsReadable(watch, kPatienceMs));
  EXPECT_THAT(watch.TakeEnded(), ElementsAre(2002)) << "the others do not matter";
}

}  // namespace
}  // namespace broker
