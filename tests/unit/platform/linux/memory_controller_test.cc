#include "platform/linux/memory_controller.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

/// The answer of a cgroup v2 that has these controllers.
bool AnswerOf(const std::string& controllers) {
  const testing::TempDirectory cgroups;
  std::ofstream(cgroups / "cgroup.controllers") << controllers << '\n';
  return HasMemoryController(cgroups / "");
}

TEST(TheMemoryController, IsThereWhereTheKernelNamesIt) {
  EXPECT_TRUE(AnswerOf("cpuset cpu io memory pids"));
  EXPECT_FALSE(AnswerOf("cpuset cpu io pids"));
  EXPECT_FALSE(AnswerOf("memory.numa"));
  EXPECT_FALSE(AnswerOf(""));
}

TEST(TheMemoryController, IsThereInAHierarchyOfItsOwn) {
  const testing::TempDirectory cgroups;
  EXPECT_FALSE(HasMemoryController(cgroups / ""));
  std::filesystem::create_directories(cgroups / "memory");
  EXPECT_FALSE(HasMemoryController(cgroups / "")) << "a folder where nothing is mounted";
  std::ofstream(cgroups / "memory/memory.limit_in_bytes") << "9223372036854771712\n";
  EXPECT_TRUE(HasMemoryController(cgroups / ""));
}

}  // namespace
}  // namespace broker
