#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include "plugin_host/module_trust.h"
#include "tests/support/temp_directory.h"

namespace broker::testing {

/// Another user than the one who runs the test.
inline constexpr uid_t kSomebody = 65534;

inline std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What an attacker finds: a folder of plugins with one good library, and the broker's own folder.
class AModule : public ::testing::Test {
 protected:
  AModule() {
    std::filesystem::create_directory(directory_ / "lib");
    Install("good");
    const Status prepared = PrepareCopyDirectory(copies_);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
  }

  void Install(const std::string& name) {
    std::filesystem::copy_file(std::string(TEST_PLUGIN_DIRECTORY) + "/" + name + ".so", library_,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(library_, std::filesystem::perms(0755));
  }

  [[nodiscard]] Result<std::string> Copy() const { return CopyTrusted(library_, copies_); }

  /// That the library as it is now is refused, with this in the message, and that nothing of it
  /// was kept.
  void ExpectRefused(const std::string& text, StatusCode code = StatusCode::kPermission) const {
    const Result<std::string> copy = Copy();
    ASSERT_FALSE(copy.ok()) << copy.value();
    EXPECT_EQ(copy.status().code(), code);
    EXPECT_THAT(copy.status().message(), ::testing::HasSubstr(text));
    EXPECT_TRUE(std::filesystem::is_empty(copies_));
  }

  TempDirectory directory_;
  const std::string library_ = directory_ / "lib/plugin.so";
  const std::string copies_ = directory_ / "state/modules";
};

}  // namespace broker::testing
