#include "dispatch/cursor_store.h"

#include <fstream>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/forwarding_file_system.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

class ACursorStore : public ::testing::Test {
 protected:
  testing::TempDirectory directory_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  CursorStore store_{*files_, directory_ / "cursors"};
};

TEST_F(ACursorStore, KnowsNoCursorOfANewInstance) {
  const auto cursor = store_.Load("presence");
  ASSERT_TRUE(cursor.ok()) << cursor.status().message();
  EXPECT_FALSE(cursor.value().has_value());
}

TEST_F(ACursorStore, KeepsACursorOverTheStoresOwnLife) {
  ASSERT_TRUE(store_.Save("presence", 17).ok());
  ASSERT_TRUE(store_.Save("presence", 18446744073709551615U).ok());
  ASSERT_TRUE(store_.Save("null", 4).ok());
  const CursorStore later(*files_, directory_ / "cursors");
  EXPECT_EQ(later.Load("presence").value(), (StoredCursor{18446744073709551615U, ""}));
  EXPECT_EQ(later.Load("null").value(), (StoredCursor{4, ""}));
}

TEST_F(ACursorStore, KeepsTheCursorOfAMarkedInstanceAndTheReason) {
  ASSERT_TRUE(store_.Save("presence", 17).ok());
  ASSERT_TRUE(store_.Mark("presence", "quarantined").ok());
  EXPECT_EQ(store_.Load("presence").value(), (StoredCursor{17, "quarantined"}));
  ASSERT_TRUE(store_.Mark("presence", "disabled").ok());
  EXPECT_EQ(store_.Load("presence").value(), (StoredCursor{17, "disabled"}));
}

TEST_F(ACursorStore, TakesTheMarkAwayWithTheNextCursor) {
  ASSERT_TRUE(store_.Save("presence", 17).ok());
  ASSERT_TRUE(store_.Mark("presence", "quarantined").ok());
  ASSERT_TRUE(store_.Save("presence", 20).ok());
  EXPECT_EQ(store_.Load("presence").value(), (StoredCursor{20, ""}));
}

TEST_F(ACursorStore, LeavesAMarkedInstanceNewThatIsNew) {
  ASSERT_TRUE(store_.Mark("presence", "disabled").ok());
  EXPECT_FALSE(store_.Load("presence").value().has_value());
}

TEST_F(ACursorStore, MarksNothingWhereTheCursorCannotBeUnderstood) {
  ASSERT_TRUE(store_.Save("presence", 1).ok());
  std::ofstream(directory_ / "cursors/presence", std::ios::trunc) << "rubbish";
  EXPECT_EQ(store_.Mark("presence", "disabled").code(), StatusCode::kCorrupt);
}

TEST_F(ACursorStore, TakesACursorOnlyFromWhoHasClaimedItLast) {
  const CursorClaim first = store_.Claim("presence");
  ASSERT_TRUE(store_.Save(first, 3).ok());
  const CursorClaim second = store_.Claim("presence");
  const CursorClaim another = store_.Claim("null");
  EXPECT_EQ(store_.Save(first, 4).code(), StatusCode::kStopped);
  EXPECT_EQ(store_.Mark(first, "quarantined").code(), StatusCode::kStopped);
  EXPECT_EQ(store_.Load("presence").value(), (StoredCursor{3, ""}));
  EXPECT_TRUE(store_.Save(second, 5).ok());
  EXPECT_TRUE(store_.Mark(second, "quarantined").ok());
  EXPECT_TRUE(store_.Save(another, 6).ok());
  EXPECT_EQ(store_.Load("presence").value(), (StoredCursor{5, "quarantined"}));
}

/// A disk that does not answer until it is told to.
class HangingFiles final : public testing::ForwardingFileSystem {
 public:
  HangingFiles() : ForwardingFileSystem(MakeFileSystem()) {}
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override {
    reached.set_value();
    answer.get_future().wait();
    return ForwardingFileSystem::Replace(path, content, mode);
  }
  std::promise<void> reached;
  std::promise<void> answer;
};

TEST_F(ACursorStore, ReadsACursorBehindWhatIsJustBeingWritten) {
  HangingFiles files;
  const CursorStore store(files, directory_ / "cursors");
  std::thread before([&] { EXPECT_TRUE(store.Save(store.Claim("presence"), 3).ok()); });
  files.reached.get_future().wait();
  const CursorClaim claim = store.Claim("presence");  // Waits for nobody.
  std::thread after([&] { EXPECT_EQ(store.Load(claim.instance).value(), (StoredCursor{3, ""})); });
  files.answer.set_value();
  before.join();
  after.join();
}

TEST_F(ACursorStore, RefusesAFileThatHoldsAnythingElseAndNamesIt) {
  ASSERT_TRUE(store_.Save("presence", 1).ok());
  for (const char* content : {"", "-1\n", "12x\n", "99999999999999999999\n", "\n1", "1 \n",
                              "1  disabled\n", "1 Disabled\n", "1 disabled now\n", " disabled\n"}) {
    std::ofstream(directory_ / "cursors/presence", std::ios::trunc) << content;
    const auto cursor = store_.Load("presence");
    ASSERT_FALSE(cursor.ok()) << "content: " << content;
    EXPECT_EQ(cursor.status().code(), StatusCode::kCorrupt);
    EXPECT_NE(cursor.status().message().find("cursors/presence"), std::string::npos);
  }
}

}  // namespace
}  // namespace broker
