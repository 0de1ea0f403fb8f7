#include "dispatch/known_instances.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dispatch/cursor_store.h"
#include "tests/support/forwarding_file_system.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kStart = 1'800'000'000'000'000;

class TheCursorOfARemovedInstance : public ::testing::Test {
 protected:
  TheCursorOfARemovedInstance() {
    EXPECT_TRUE(store_.Save("stays", 3).ok());
    EXPECT_TRUE(store_.Save("goes", 7).ok());
  }

  /// Answers who is missing.
  std::vector<std::string> Note(const std::vector<std::string>& configured, int64_t now_us) {
    NotedInstances noted = NoteInstances(*files_, directory_ / "", configured, now_us);
    EXPECT_TRUE(noted.outcome.ok()) << noted.outcome.message();
    return std::move(noted.missing);
  }

  [[nodiscard]] bool Has(const std::string& instance) {
    return store_.Load(instance).value().has_value();
  }

  testing::TempDirectory directory_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  CursorStore store_{*files_, directory_ / "cursors"};
};

TEST_F(TheCursorOfARemovedInstance, StaysForSevenDays) {
  Note({"stays"}, kStart);
  Note({"stays"}, kStart + 7 * kDay - 1);
  EXPECT_TRUE(Has("goes"));
  Note({"stays"}, kStart + 7 * kDay);
  EXPECT_FALSE(Has("goes"));
  EXPECT_TRUE(Has("stays"));
}

TEST_F(TheCursorOfARemovedInstance, IsItsAgainWhenItComesBackBefore) {
  Note({"stays"}, kStart);
  Note({"stays", "goes"}, kStart + 6 * kDay);
  Note({"stays", "goes"}, kStart + 8 * kDay);
  EXPECT_TRUE(Has("goes"));
  Note({"stays"}, kStart + 9 * kDay);
  Note({"stays"}, kStart + 15 * kDay);
  EXPECT_TRUE(Has("goes")) << "the time begins anew";
}

TEST_F(TheCursorOfARemovedInstance, IsGoneWhenItComesBackLater) {
  Note({"stays"}, kStart);
  Note({"stays", "goes"}, kStart + 8 * kDay);
  EXPECT_FALSE(Has("goes"));
  ASSERT_TRUE(store_.Save("goes", 1).ok());
  Note({"stays", "goes"}, kStart + 9 * kDay);
  EXPECT_TRUE(Has("goes"));
}

TEST_F(TheCursorOfARemovedInstance, StaysWhereSinceWhenIsNotLegible) {
  std::ofstream(directory_ / "instances") << "goes yesterday\n";
  Note({"stays"}, kStart);
  EXPECT_TRUE(Has("goes"));
  Note({"stays"}, kStart + 7 * kDay);
  EXPECT_FALSE(Has("goes"));
}

TEST_F(TheCursorOfARemovedInstance, IsTakenFromAnInstanceOnly) {
  std::ofstream(directory_ / "cursors/Goes.new") << "7\n";
  Note({"stays"}, kStart);
  Note({"stays"}, kStart + 7 * kDay);
  EXPECT_TRUE(std::filesystem::exists(std::string(directory_ / "cursors/Goes.new")));
}

TEST_F(TheCursorOfARemovedInstance, StaysWhenTheClockIsSetBack) {
  Note({"stays"}, kStart);
  Note({"stays"}, kStart - 30 * kDay);
  EXPECT_TRUE(Has("goes"));
  Note({"stays"}, kStart + 7 * kDay);
  EXPECT_FALSE(Has("goes")) << "since when it is missing has not changed";
}

TEST_F(TheCursorOfARemovedInstance, StaysWhereSinceWhenCannotBeRead) {
  std::filesystem::create_directory(std::string(directory_ / "instances"));
  EXPECT_FALSE(NoteInstances(*files_, directory_ / "", {"stays"}, kStart).outcome.ok());
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
  Note({"stays"}, kStart);
  ASSERT_TRUE(NoteInstances(files, directory_ / "", {"stays"}, kStart + 7 * kDay).outcome.ok());
  EXPECT_THAT(files.calls, ElementsAre("replace instances", "remove goes"));
}

TEST_F(TheCursorOfARemovedInstance, StaysWhereItCannotBeNoted) {
  NotedFiles files;
  Note({"stays"}, kStart);
  files.fails_to_replace = true;
  EXPECT_EQ(NoteInstances(files, directory_ / "", {"stays"}, kStart + 7 * kDay).outcome.code(),
            StatusCode::kNoSpace);
  EXPECT_THAT(files.calls, ElementsAre("replace instances"));
  EXPECT_TRUE(Has("goes"));
}

TEST_F(TheCursorOfARemovedInstance, HasItsTimeAnewWhereItCouldNotBeRemoved) {
  NotedFiles files;
  Note({"stays"}, kStart);
  files.fails_to_remove = true;
  EXPECT_EQ(NoteInstances(files, directory_ / "", {"stays"}, kStart + 7 * kDay).outcome.code(),
            StatusCode::kIo);
  Note({"stays", "goes"}, kStart + 8 * kDay);
  EXPECT_TRUE(Has("goes")) << "the note that it is missing would have removed it";
}

using KnownInstances = TheCursorOfARemovedInstance;

TEST_F(KnownInstances, AreMissingUntilTheyAreForgotten) {
  EXPECT_THAT(Note({"stays", "goes"}, kStart), IsEmpty());
  EXPECT_THAT(Note({"stays"}, kStart), ElementsAre("goes"));
  EXPECT_THAT(Note({"stays"}, kStart + kDay), ElementsAre("goes")) << "also the next time";
  EXPECT_THAT(Note({"stays", "goes"}, kStart + kDay), IsEmpty());
  EXPECT_THAT(Note({"stays"}, kStart + 2 * kDay), ElementsAre("goes"));
  EXPECT_THAT(Note({"stays"}, kStart + 9 * kDay), IsEmpty());
}

TEST_F(KnownInstances, AreAlsoThoseThatWereKilledBeforeTheyHadACursor) {
  EXPECT_THAT(Note({"stays", "goes", "brief"}, kStart), IsEmpty());
  EXPECT_THAT(Note({"stays", "goes"}, kStart), ElementsAre("brief"));
  EXPECT_THAT(Note({"stays", "goes"}, kStart + 7 * kDay), IsEmpty());
}

TEST_F(KnownInstances, NeedNoDirectoryOfCursors) {
  std::filesystem::remove_all(std::string(directory_ / "cursors"));
  EXPECT_THAT(Note({"stays"}, kStart), IsEmpty());
  EXPECT_THAT(Note({}, kStart), ElementsAre("stays"));
}

TEST_F(KnownInstances, AreMissingAlsoWhereThatCannotBeNoted) {
  NotedFiles files;
  files.fails_to_replace = true;
  const NotedInstances noted = NoteInstances(files, directory_ / "", {"stays"}, kStart);
  EXPECT_EQ(noted.outcome.code(), StatusCode::kNoSpace);
  EXPECT_THAT(noted.missing, ElementsAre("goes"));
}

TEST_F(KnownInstances, CostNoWriteWhereNothingHasChanged) {
  NotedFiles files;
  Note({"stays"}, kStart);
  ASSERT_TRUE(NoteInstances(files, directory_ / "", {"stays"}, kStart + kDay).outcome.ok());
  Note({"stays", "goes"}, kStart);
  ASSERT_TRUE(NoteInstances(files, directory_ / "", {"stays", "goes"}, kStart + kDay).outcome.ok());
  EXPECT_THAT(files.calls, IsEmpty());
}

}  // namespace
}  // namespace broker
