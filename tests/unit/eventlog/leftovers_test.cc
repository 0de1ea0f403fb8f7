// What killed writers leave in the log's directory.

#include "eventlog/segment_index.h"
#include "tests/unit/eventlog/log_fixture.h"

namespace broker {
namespace {

class Leftovers : public LogTest {
 protected:
  void Leave(const std::string& name) { WriteFileText(PathIn(log_, name), "x"); }
  [[nodiscard]] bool IsThere(const std::string& name) {
    return files_->IsFile(PathIn(log_, name)).ok();
  }
};

TEST_F(Leftovers, OfReplacedFilesGoAtTheStart) {
  Append(*Open(), 1);
  const std::string of_reserved = ".reserved.4711-3.new";
  const std::string of_index = "." + IndexName(1) + ".17-1.new";
  const std::vector<std::string> others{".notes.new", "x.4711-3.new", ".x.47a-3.new",
                                        ".x.4711.new"};
  Leave(of_reserved);
  Leave(of_index);
  for (const std::string& name : others) Leave(name);
  Open();
  EXPECT_FALSE(IsThere(of_reserved));
  EXPECT_FALSE(IsThere(of_index));
  for (const std::string& name : others) EXPECT_TRUE(IsThere(name)) << name;
}

TEST_F(Leftovers, OfSegmentsThatAreGoneGoAtTheStart) {
  Append(*Open(1), 4);
  ASSERT_TRUE(IsThere(IndexName(1)));
  ASSERT_TRUE(IsThere(IndexName(2)));
  std::filesystem::remove(PathOf(1));
  Open(1);
  EXPECT_FALSE(IsThere(IndexName(1)));
  EXPECT_TRUE(IsThere(IndexName(2)));
}

}  // namespace
}  // namespace broker
