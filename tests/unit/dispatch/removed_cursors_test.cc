#include "dispatch/removed_cursors.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dispatch/cursor_store.h"
#include "tests/support/forwarding_file_system.h"
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

  /// Answers who is missing.
  std::vector<std::string> Expire(const std::vector<std::string>& configured, int64_t now_us) {
    auto missing = ExpireCursors(*files_, directory_ / "", configured, now_us);
    EXPECT_TRUE(missing.ok()) << missing.status().message();
    return missing.ok() ? std::move(missing).value() : std::vector<std::string>();
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

TEST_F(TheCursorOfARemovedInstance, SaysWhoIsMissing) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(Expire({"stays", "goes"}, kStart), IsEmpty());
  EXPECT_THAT(Expire({"stays"}, kStart), ElementsAre("goes"));
  EXPECT_THAT(Expire({"stays"}, kStart + kDay), ElementsAre("goes")) << "also the next time";
  EXPECT_THAT(Expire({"stays", "goes"}, kStart + kDay), IsEmpty());
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

TEST_F(TheCursorOfARemovedInstance, IsTakenFromAnInstanceOnly) {
  std::ofstream(directory_ / "cursors/Goes.new") << "7\n";
  Expire({"stays"}, kStart);
  Expire({"stays"}, kStart + 7 * kDay);
  EXPECT_TRUE(std::filesystem::exists(std::string(directory_ / "cursors/Goes.new")));
}

TEST_F(TheCursorOfARemovedInstance, StaysWhenTheClockIsSetBack) {
  Expire({"stays"}, kStart);
  Expire({"stays"}, kStart - 30 * kDay);
  EXPECT_TRUE(Has("goes"));
  Expire({"stays"}, kStart + 7 * kDay);
  EXPECT_FALSE(Has("goes")) << "since when it is missing has not changed";
}

TEST_F(TheCursorOfARemovedInstance, StaysWhereSinceWhenCannotBeRead) {
  std::filesystem::create_directory(std::string(directory_ / "removed"));
  EXPECT_FALSE(ExpireCursors(*files_, directory_ / "", {"stays"}, kStart).ok());
  EXPECT_TRUE(Has("goes"));
}

/// Notes what is written and removed, which can be made to fail.
class NotedFiles final : public testing::ForwardingFileSystem {
 public:
  NotedFiles() : ForwardingFileSystem(MakeFileSystem()) {}
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    calls.push_back("replace " + std::filesystem::path(path).filename().string());
    if (fails_to_replace) return {StatusCode::kNoSpace, "no space"};
    return ForwardingFileSystem::Replace(path, content, mode);
  }
  Status Remove(const std::string& path) override {
    calls.push_back("remove " + std::filesystem::path(path).filename().string());
    if (fails_to_remove) return {StatusCode::kIo, "a broken disk"};
    return ForwardingFileSystem::Remove(path);
  }

  bool fails_to_replace = false;
  bool fails_to_remove = false;
  std::vector<std::string> calls;
};

TEST_F(TheCursorOfARemovedInstance, GoesOnceItIsNoMoreNoted) {
  NotedFiles files;
  Expire({"stays"}, kStart);
  ASSERT_TRUE(ExpireCursors(files, directory_ / "", {"stays"}, kStart + 7 * kDay).ok());
  EXPECT_THAT(files.calls, ::testing::ElementsAre("replace removed", "remove goes"));
}

TEST_F(TheCursorOfARemovedInstance, StaysWhereItCannotBeNoted) {
  NotedFiles files;
  Expire({"stays"}, kStart);
  files.fails_to_replace = true;
  EXPECT_EQ(ExpireCursors(files, directory_ / "", {"stays"}, kStart + 7 * kDay).status().code(),
            StatusCode::kNoSpace);
  EXPECT_THAT(files.calls, ::testing::ElementsAre("replace removed"));
  EXPECT_TRUE(Has("goes"));
}

TEST_F(TheCursorOfARemovedInstance, HasItsTimeAnewWhereItCouldNotBeRemoved) {
  NotedFiles files;
  Expire({"stays"}, kStart);
  files.fails_to_remove = true;
  EXPECT_EQ(ExpireCursors(files, directory_ / "", {"stays"}, kStart + 7 * kDay).status().code(),
            StatusCode::kIo);
  Expire({"stays", "goes"}, kStart + 8 * kDay);
  EXPECT_TRUE(Has("goes")) << "the note that it is missing would have removed it";
}

TEST_F(TheCursorOfARemovedInstance, CostsNoWriteWhereNothingHasChanged) {
  NotedFiles files;
  ASSERT_TRUE(ExpireCursors(files, directory_ / "", {"stays", "goes"}, kStart).ok());
  Expire({"stays"}, kStart);
  ASSERT_TRUE(ExpireCursors(files, directory_ / "", {"stays"}, kStart + kDay).ok());
  EXPECT_THAT(files.calls, ::testing::IsEmpty());
}

}  // namespace
}  // namespace broker
