#include "usherctl/plugin_cursor.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

class APluginsCursor : public ::testing::Test {
 protected:
  Result<Seq> Read(const std::string& instance) {
    return PluginCursor(*files_, directory_.path(), instance).Read();
  }
  void Write(const std::string& instance, const std::string& text) {
    std::ofstream(directory_ / instance) << text;
  }

  const testing::TempDirectory directory_;
  const std::unique_ptr<FileSystem> files_ = MakeFileSystem();
};

TEST_F(APluginsCursor, IsTheFirstWordOfItsFile) {
  for (const char* text : {"42", "42\n", "42 quarantined\n"}) {
    Write("hooks", text);
    const auto cursor = Read("hooks");
    ASSERT_TRUE(cursor.ok()) << cursor.status().message();
    EXPECT_EQ(cursor.value(), 42U);
  }
}

TEST_F(APluginsCursor, ThatIsMissingNamesThoseThatThereAre) {
  EXPECT_EQ(Read("hooks").status().message(),
            "no instance 'hooks' has a cursor in '" + directory_.path() + "'");
  Write("presence", "1\n");
  Write("null", "1\n");
  Write(".null.1-1.new", "1\n");
  EXPECT_EQ(Read("hooks").status().code(), StatusCode::kInvalid);
  EXPECT_THAT(Read("hooks").status().message(), HasSubstr("; there are: null, presence"));
}

TEST_F(APluginsCursor, ThatIsNoNumberIsDamaged) {
  for (const char* text : {"", "\n", "x", "-1", "1x", "18446744073709551616"}) {
    Write("hooks", text);
    EXPECT_EQ(Read("hooks").status().code(), StatusCode::kCorrupt) << text;
  }
}

}  // namespace
}  // namespace broker
