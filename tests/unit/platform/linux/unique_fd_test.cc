#include "platform/linux/unique_fd.h"

#include <fcntl.h>

#include <cerrno>

#include <gtest/gtest.h>

namespace broker {
namespace {

int OpenSomething() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool IsOpen(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(AUniqueFd, ClosesWhatItOwns) {
  const int fd = OpenSomething();
  {
    const UniqueFd owner(fd);
    EXPECT_TRUE(owner);
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(AUniqueFd, MayOwnNothing) {
  EXPECT_FALSE(UniqueFd());
  EXPECT_EQ(UniqueFd().get(), -1);
}

TEST(AUniqueFd, HandsOverWhenItIsMoved) {
  const int fd = OpenSomething();
  UniqueFd first(fd);
  UniqueFd second(std::move(first));
  EXPECT_EQ(second.get(), fd);
  UniqueFd third(OpenSomething());
  const int other = third.get();
  third = std::move(second);
  EXPECT_EQ(third.get(), fd);
  EXPECT_FALSE(IsOpen(other));
  EXPECT_TRUE(IsOpen(fd));
}

TEST(AUniqueFd, LeavesErrnoAsItWas) {
  errno = EPIPE;
  UniqueFd(12345).reset();
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace broker
