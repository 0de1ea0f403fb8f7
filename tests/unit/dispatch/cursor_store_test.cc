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
  EXPECT_EQ(later.Load("presence").value(), 18446744073709551615U);
  EXPECT_EQ(later.Load("null").value(), 4U);
}

TEST_F(ACursorStore, RefusesAFileThatHoldsAnythingButANumberAndNamesIt) {
  ASSERT_TRUE(store_.Save("presence", 1).ok());
  for (const char* content : {"", "-1\n", "12x\n", "99999999999999999999\n", "\n1"}) {
    std::ofstream(directory_ / "cursors/presence", std::ios::trunc) << content;
    const auto cursor = store_.Load("presence");
    ASSERT_FALSE(cursor.ok()) << "content: " << content;
    EXPECT_EQ(cursor.status().code(), StatusCode::kCorrupt);
    EXPECT_NE(cursor.status().message().find("cursors/presence"), std::string::npos);
  }
}

}  // namespace
}  // namespace broker
