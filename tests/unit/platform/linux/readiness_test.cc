#include "platform/linux/readiness.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>

#include "platform/linux/unique_fd.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

class WhatAnAgentWaitsFor : public ::testing::Test {
 protected:
  void MakeSocket(const std::string& path) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  [[nodiscard]] std::string Missing(const Environment& environment = {}) const {
    return std::string(MissingOf(wanted_, environment, runtime_, home_));
  }

  testing::TempDirectory directory_;
  const std::string runtime_ = directory_ / "runtime";
  const std::string home_ = directory_ / "home";
  Readiness wanted_;
};

TEST_F(WhatAnAgentWaitsFor, IsNothingUnlessItIsAskedFor) {
  EXPECT_EQ(Missing(), "");
}

TEST_F(WhatAnAgentWaitsFor, IsNamedUntilItIsThere) {
  wanted_.runtime_directory = wanted_.user_bus = wanted_.profile = true;
  EXPECT_EQ(Missing(), "runtime directory");
  std::filesystem::create_directories(runtime_ + "/bus");
  EXPECT_EQ(Missing(), "user bus");
  std::filesystem::remove(runtime_ + "/bus");
  MakeSocket(runtime_ + "/bus");
  EXPECT_EQ(Missing(), "profile");
  std::filesystem::create_directories(home_);
  EXPECT_EQ(Missing(), "");
}

TEST_F(WhatAnAgentWaitsFor, MayBeADisplayOfWayland) {
  wanted_.display = true;
  EXPECT_EQ(Missing(), "display");
  EXPECT_EQ(Missing({"WAYLAND_DISPLAY=wayland-0"}), "display");
  std::filesystem::create_directories(runtime_);
  MakeSocket(runtime_ + "/wayland-0");
  EXPECT_EQ(Missing({"WAYLAND_DISPLAY=wayland-0"}), "");
  EXPECT_EQ(Missing({"WAYLAND_DISPLAY=" + runtime_ + "/wayland-0"}), "");
}

TEST_F(WhatAnAgentWaitsFor, MayBeADisplayOfX) {
  wanted_.display = true;
  EXPECT_EQ(Missing({"DISPLAY=:54321"}), "display");
  EXPECT_EQ(Missing({"DISPLAY=nonsense"}), "display");
  EXPECT_EQ(Missing({"DISPLAY=elsewhere:0"}), "");
}

}  // namespace
}  // namespace broker
