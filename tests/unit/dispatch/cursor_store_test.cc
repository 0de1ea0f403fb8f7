#include "dispatch/cursor_store.h"

#include <fstream>

#include <gtest/gtest.h>

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
