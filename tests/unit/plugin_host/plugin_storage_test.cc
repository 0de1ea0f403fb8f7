#include "plugin_host/host_services/plugin_storage.h"

#include <array>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"
#include "tests/unit/plugin_host/fakes.h"
#include "usher/ext/storage.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class APluginsStorage : public ::testing::Test {
 protected:
  /// What is stored under `key`; the status as text if there is nothing to give.
  std::string Get(std::string_view key) {
    std::array<char, 100> buffer;
    size_t size = 0;
    const usher_status status = storage_.Get(key, buffer, size, why_);
    return status == USHER_OK ? std::string(buffer.data(), size) : std::to_string(status);
  }
  usher_status Put(std::string_view key, std::string_view value) {
    return storage_.Put(key, value, why_);
  }

  testing::MemoryFiles files_;
  PluginStorage storage_{files_, "/state/plugins/me"};
  std::string why_;
};

TEST_F(APluginsStorage, GivesBackWhatWasPut) {
  const std::string bytes("a\0b", 3);
  EXPECT_EQ(Put("key", bytes), USHER_OK);
  EXPECT_EQ(Put("empty", ""), USHER_OK);
  EXPECT_EQ(Get("key"), bytes);
  EXPECT_EQ(Get("empty"), "");
  EXPECT_EQ(Put("key", "new"), USHER_OK);
  EXPECT_EQ(Get("key"), "new");
}

TEST_F(APluginsStorage, KeepsValuesFromOtherUsers) {
  EXPECT_EQ(Put("key", "x"), USHER_OK);
  EXPECT_EQ(files_.modes.at("/state/plugins/me"), 0700U);
  EXPECT_EQ(files_.modes.at("/state/plugins/me/key.value"), 0600U);
}

TEST_F(APluginsStorage, NeverLeavesItsDirectory) {
  const std::string longest(64, 'k');
  for (const std::string key :
       {"..", ".", "../x", "a/b", "/etc/passwd", ".hidden", "", "A", "a b", "a\\b", "ä", "a\n"}) {
    EXPECT_EQ(Put(key, "x"), USHER_INVALID_ARGUMENT) << key;
    EXPECT_EQ(Get(key), std::to_string(USHER_INVALID_ARGUMENT)) << key;
    EXPECT_EQ(storage_.Remove(key, why_), USHER_INVALID_ARGUMENT) << key;
  }
  EXPECT_EQ(Put(longest + "k", "x"), USHER_INVALID_ARGUMENT);
  EXPECT_TRUE(files_.files.empty());
  EXPECT_EQ(Put(longest, "x"), USHER_OK);
  EXPECT_EQ(Put("a..-_9", "x"), USHER_OK);
}

TEST_F(APluginsStorage, HoldsItsQuotas) {
  EXPECT_EQ(Put("big", std::string(USHER_STORAGE_MAX_VALUE + 1, 'x')), USHER_LIMIT);
  EXPECT_THAT(why_, HasSubstr("a value of 1048577 bytes is too large"));
  EXPECT_EQ(Put("big", std::string(USHER_STORAGE_MAX_VALUE, 'x')), USHER_OK);
  for (uint32_t i = 1; i < USHER_STORAGE_MAX_KEYS; ++i) {
    ASSERT_EQ(Put("key" + std::to_string(i), "x"), USHER_OK);
  }
  EXPECT_EQ(Put("one-more", "x"), USHER_LIMIT);
  EXPECT_THAT(why_, HasSubstr("there are 256 values already"));
  EXPECT_EQ(Put("key1", "replaced"), USHER_OK);
  EXPECT_EQ(storage_.Remove("key1", why_), USHER_OK);
  EXPECT_EQ(Put("one-more", "x"), USHER_OK);
}

TEST_F(APluginsStorage, CountsWhatAnEarlierRunStored) {
  for (uint32_t i = 0; i < USHER_STORAGE_MAX_KEYS; ++i) {
    ASSERT_EQ(Put("key" + std::to_string(i), "x"), USHER_OK);
  }
  PluginStorage again(files_, "/state/plugins/me");
  EXPECT_EQ(again.Put("one-more", "x", why_), USHER_LIMIT);
  EXPECT_EQ(again.Put("key7", "x", why_), USHER_OK);
}

TEST_F(APluginsStorage, TellsTheSizeThatABufferNeeds) {
  EXPECT_EQ(Put("key", "12345"), USHER_OK);
  std::array<char, 4> small{'-', '-', '-', '-'};
  size_t size = small.size();
  EXPECT_EQ(storage_.Get("key", small, size, why_), USHER_TOO_SMALL);
  EXPECT_EQ(size, 5U);
  EXPECT_EQ(small[0], '-');
  size = 99;
  EXPECT_EQ(storage_.Get("none", small, size, why_), USHER_NOT_FOUND);
  EXPECT_EQ(size, 99U);
}

TEST_F(APluginsStorage, ForgetsAKeyOnceAndForAll) {
  EXPECT_EQ(Put("key", "x"), USHER_OK);
  EXPECT_EQ(storage_.Remove("key", why_), USHER_OK);
  EXPECT_EQ(Get("key"), std::to_string(USHER_NOT_FOUND));
  EXPECT_EQ(storage_.Remove("key", why_), USHER_OK);
}

TEST_F(APluginsStorage, KeepsTheOldValueWhereTheDiskFails) {
  EXPECT_EQ(Put("key", "old"), USHER_OK);
  files_.failure = Status(StatusCode::kNoSpace, "the disk is full");
  EXPECT_EQ(Put("key", "new"), USHER_IO);
  EXPECT_EQ(why_, "the disk is full");
  EXPECT_EQ(Get("key"), "old");
}

TEST_F(APluginsStorage, RefusesAStoredValueThatGrewTooLarge) {
  files_.files["/state/plugins/me/key.value"] = std::string(USHER_STORAGE_MAX_VALUE + 1, 'x');
  EXPECT_EQ(Get("key"), std::to_string(USHER_IO));
}

TEST(APluginsStorageOnADisk, IsAFileOfTheBrokersOwnForEachKeyAndNothingElse) {
  const testing::TempDirectory directory;
  const auto files = MakeFileSystem();
  const std::string own = directory / "plugins/me";
  std::string why;
  PluginStorage storage(*files, own);
  EXPECT_EQ(storage.Put("one", "1", why), USHER_OK) << why;
  EXPECT_EQ(storage.Put("one", "2", why), USHER_OK) << why;
  EXPECT_EQ(storage.Put("two", "3", why), USHER_OK) << why;
  EXPECT_EQ(storage.Remove("two", why), USHER_OK) << why;
  PluginStorage again(*files, own);
  std::array<char, 10> buffer;
  size_t size = 0;
  EXPECT_EQ(again.Get("one", buffer, size, why), USHER_OK) << why;
  EXPECT_EQ(std::string(buffer.data(), size), "2");
  EXPECT_EQ(again.Get("two", buffer, size, why), USHER_NOT_FOUND);
  EXPECT_THAT(files->List(own).value(), ElementsAre("one.value"));
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(own).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(own + "/one.value").permissions(), fs::perms(0600));
}

TEST(APluginsStorageOnADisk, DoesNotFollowALinkThatSomebodyPutThere) {
  const testing::TempDirectory directory;
  const auto files = MakeFileSystem();
  std::string why;
  PluginStorage storage(*files, directory / "me");
  EXPECT_EQ(storage.Put("one", "1", why), USHER_OK) << why;
  EXPECT_EQ(files->Replace(directory / "victim", "whole", 0600).code(), StatusCode::kOk);
  std::filesystem::create_symlink(directory / "victim", directory / "me/two.value");
  EXPECT_EQ(storage.Put("two", "2", why), USHER_OK) << why;
  EXPECT_EQ(files->ReadAll(directory / "victim", 100).value(), "whole");
}

}  // namespace
}  // namespace broker
