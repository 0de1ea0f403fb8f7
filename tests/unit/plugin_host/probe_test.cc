// What a library that is tried may do to the process that it is tried in, and that it ends.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "isolation/child_probe.h"
#include "tests/support/wait.h"
#include "tests/unit/plugin_host/host_fixture.h"

namespace broker {
namespace {

using testing::Eventually;
using ::testing::HasSubstr;

class ATriedLibrary : public testing::HostFixture,
                      public ::testing::WithParamInterface<const char*> {
 protected:
  std::future<std::vector<SettingsError>> Try(const std::string& name) {
    const std::string library = Install(name);
    return std::async(std::launch::async, [this, name, library] {
      return probe_.Probe(PluginOf("it", name), library, library);
    });
  }

  /// How many processes have the library's name among their arguments, or forked from one that has.
  [[nodiscard]] size_t Processes() const {
    size_t count = 0;
    std::error_code error;
    for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
      std::ifstream file(process.path() / "cmdline");
      const std::string line(std::istreambuf_iterator<char>(file), {});
      if (line.starts_with(PLUGIN_HOST_PROGRAM) && line.find(directory_.path()) != line.npos)
        ++count;
    }
    return count;
  }

  ChildProbe probe_{PLUGIN_HOST_PROGRAM};
};

TEST_P(ATriedLibrary, IsGivenUpAtOnceWhenTheBrokerStopsAndLeavesNothingBehind) {
  auto tried = Try(GetParam());
  const size_t processes = std::string(GetParam()) == "escape_in_load" ? 2 : 1;
  EXPECT_TRUE(Eventually([&] { return Processes() == processes; }));
  probe_.End();
  const auto errors = tried.get();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors.front().message, HasSubstr("was not tried to the end, as the broker stops"));
  EXPECT_TRUE(Eventually([&] { return Processes() == 0; }));
}

INSTANTIATE_TEST_SUITE_P(That, ATriedLibrary,
                         ::testing::Values("hang_in_load", "freeze_in_load", "escape_in_load"),
                         [](const auto& name) { return std::string(name.param); });

TEST_F(ATriedLibrary, IsGivenUpOnceItsTimeIsOver) {
  const auto errors = Try("freeze_in_load").get();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors.front().message, HasSubstr("it took too long and was ended"));
  EXPECT_EQ(Processes(), 0U);
}

TEST_F(ATriedLibrary, IsNotEvenTriedOnceTheBrokerStops) {
  probe_.End();
  EXPECT_EQ(Try("good").get().size(), 1U);
}

}  // namespace
}  // namespace broker
