#include "dispatch/removed_cursors.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "dispatch/cursor_store.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kStart = 1'800'000'000'000'000;

class TheCursorOfARemovedInstance : public ::testing::Test {
 protected:
  TheCursorOfARemovedInstance() {
    EXPECT_TRUE(store_.Save("stays", 3).ok());
    EXPECT_TRUE(store_.Save("goes", 7).ok());
  }

  void Expire(const std::vector<std::string>& configured, int64_t now_us) {
    const Status expired = ExpireCursors(*files_, directory_ / "", configured, now_us);
    EXPECT_TRUE(expired.ok()) << expired.message();
  }

  [[nodiscard]] bool Has(const std::string& instance) {
    return store_.Load(instance).value().has_value();
  }

  testing::TempDirectory directory_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  CursorStore store_{*files_, directory_ / "cursors"};
};

TEST_F(TheCursorOfARemovedInstance, StaysForSevenDays) {
  Expire({"stays"}, kStart);
  Expire({"stays"}, kStart + 7 * kDay - 1);
  EXPECT_TRUE(Has("goes"));
  Expire({"stays"}, kStart + 7 * kDay);
  EXPECT_FALSE(Has("goes"));
  EXPECT_TRUE(Has("stays"));
}

TEST_F(TheCursorOfARemovedInstance, IsItsAgainWhenItComesBackBefore) {
  Expire({"stays"}, kStart);
  Expire({"stays", "goes"}, kStart + 6 * kDay);
  Expire({"stays", "goes"}, kStart + 8 * kDay);
  EXPECT_TRUE(Has("goes"));
  Expire({"stays"}, kStart + 9 * kDay);
  Expire({"stays"}, kStart + 15 * kDay);
  EXPECT_TRUE(Has("goes")) << "the time begins anew";
}

TEST_F(TheCursorOfARemovedInstance, IsGoneWhenItComesBackLater) {
  Expire({"stays"}, kStart);
  Expire({"stays", "goes"}, kStart + 8 * kDay);
  EXPECT_FALSE(Has("goes"));
  ASSERT_TRUE(store_.Save("goes", 1).ok());
  Expire({"stays", "goes"}, kStart + 9 * kDay);
  EXPECT_TRUE(Has("goes"));
}

TEST_F(TheCursorOfARemovedInstance, StaysWhereSinceWhenIsNotLegible) {
  std::ofstream(directory_ / "removed") << "goes yesterday\n";
  Expire({"stays"}, kStart);
  EXPECT_TRUE(Has("goes"));
  Expire({"stays"}, kStart + 7 * kDay);
  EXPECT_FALSE(Has("goes"));
}

TEST_F(TheCursorOfARemovedInstance, IsNothingToABrokerThatIsNew) {
  std::filesystem::remove_all(std::string(directory_ / "cursors"));
  Expire({"stays"}, kStart);
  EXPECT_FALSE(std::filesystem::exists(std::string(directory_ / "removed")));
}

}  // namespace
}  // namespace broker
