#include "platform/linux/session_scope.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

class TheScopeOfASession : public ::testing::Test {
 protected:
  /// Makes what a kernel shows of the scope, in the cgroup v2 at `root`.
  void Make(const std::string& root, const std::string& events) {
    const std::string scope = root + "/user.slice/user-2001.slice/session-7.scope";
    std::filesystem::create_directories(scope);
    std::ofstream(root + "/cgroup.procs") << "1\n";
    std::ofstream(scope + "/cgroup.events") << events;
  }
  std::optional<bool> Ask(std::string_view id = "7") {
    return ScopeHasProcesses(directory_ / "cgroup", "2001", id);
  }

  testing::TempDirectory directory_;
};

TEST_F(TheScopeOfASession, SaysWhetherSomethingRunsInIt) {
  Make(directory_ / "cgroup", "populated 1\nfrozen 0\n");
  EXPECT_EQ(Ask(), true);
  Make(directory_ / "cgroup", "frozen 0\npopulated 0\n");
  EXPECT_EQ(Ask(), false);
}

TEST_F(TheScopeOfASession, IsEmptyOnceItIsGone) {
  Make(directory_ / "cgroup", "populated 1\n");
  EXPECT_EQ(Ask("8"), false);
}

TEST_F(TheScopeOfASession, IsFoundInTheHybridSetUp) {
  Make(directory_ / "cgroup/unified", "populated 0\n");
  EXPECT_EQ(Ask(), false);
}

TEST_F(TheScopeOfASession, IsUnknownWithoutCgroupV2OrItsEvents) {
  EXPECT_EQ(Ask(), std::nullopt);
  std::filesystem::create_directories(directory_ / "cgroup/systemd/user.slice");
  EXPECT_EQ(Ask(), std::nullopt);
  Make(directory_ / "cgroup", "");
  EXPECT_EQ(Ask(), std::nullopt);
}

}  // namespace
}  // namespace broker
