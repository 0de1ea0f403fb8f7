#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "settings/load.h"

namespace broker {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

/// A folder of its own for each test.
class SettingsFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) / ("usher-settings-" + std::to_string(std::random_device{}()));
    ASSERT_TRUE(fs::create_directory(folder_));
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string Path(const std::string& name) const {
    return (folder_ / name).string();
  }

  [[nodiscard]] std::string Write(const std::string& text) const {
    std::ofstream(Path("usher.toml"), std::ios::binary) << text;
    return Path("usher.toml");
  }

  [[nodiscard]] static std::string OnlyErrorOf(const std::string& path) {
    const LoadedSettings loaded = LoadSettings(path);
    EXPECT_EQ(loaded.settings.file, path);
    return loaded.errors.size() == 1 ? ToString(loaded.errors.front()) : "not one error";
  }

 private:
  fs::path folder_;
};

TEST_F(SettingsFile, IsReadWithItsNameAndFolder) {
  const std::string path = Write("[plugins.a]\nlibrary = './a.so'\n");
  const LoadedSettings loaded = LoadSettings(path);
  EXPECT_THAT(loaded.errors, IsEmpty());
  ASSERT_EQ(loaded.settings.plugins.size(), 1U);
  EXPECT_EQ(loaded.settings.plugins[0].library, Path("a.so"));
  EXPECT_EQ(loaded.settings.plugins[0].position.file, path);
}

TEST_F(SettingsFile, KeepsAPluginsConfigAliveOnItsOwn) {
  std::vector<PluginSettings> plugins =
      LoadSettings(Write("[plugins.a]\nlibrary = 'a'\nconfig = {}\n")).settings.plugins;
  ASSERT_EQ(plugins.size(), 1U);
  EXPECT_NE(plugins[0].config, nullptr);
}

TEST_F(SettingsFile, ThatIsMissingIsAnError) {
  const std::string path = Path("none.toml");
  EXPECT_EQ(OnlyErrorOf(path), path +
                                   ": cannot be read: No such file or directory (error 2); check "
                                   "the path and its rights");
}

TEST_F(SettingsFile, ThatIsAFolderIsAnError) {
  EXPECT_EQ(OnlyErrorOf(Path("")), Path("") + ": is a directory, not a file");
}

TEST_F(SettingsFile, ThatIsADeviceIsAnErrorAndNeverRead) {
  EXPECT_EQ(OnlyErrorOf("/dev/zero"), "/dev/zero: is not a regular file");
}

TEST_F(SettingsFile, MayHaveOneMebibyteAndNoMore) {
  EXPECT_THAT(LoadSettings(Write(std::string(kMaxSettingsBytes, '\n'))).errors, IsEmpty());
  const std::string path = Write(std::string(kMaxSettingsBytes + 1, '\n'));
  EXPECT_EQ(OnlyErrorOf(path), path + ": has more than 1048576 bytes; is it the right file?");
}

TEST_F(SettingsFile, ThatIsBinaryIsAnErrorWithItsPlace) {
  const std::string path =
      Write(std::string("\x7F"
                        "ELF\x02\x01\0\0\xFF",
                        9));
  EXPECT_EQ(OnlyErrorOf(path),
            path + ":1:9: the byte \\xFF is no UTF-8; save the file as UTF-8 text");
}

}  // namespace
}  // namespace broker
