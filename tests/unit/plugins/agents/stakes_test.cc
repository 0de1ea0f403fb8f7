#include "stakes.h"

#include <gmock/gmock.h>

namespace agents {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TheStakes, AreFoundBySessionAndByPlace) {
  Stakes stakes;
  stakes.Set("a", {"user 1001", true, ""});
  stakes.Set("b", {"user 1001", false, "it waits for the logon"});
  EXPECT_THAT(stakes.In("user 1001"), ElementsAre("a", "b"));
  EXPECT_THAT(stakes.In("user 1002"), IsEmpty());
  ASSERT_NE(stakes.Find("b"), nullptr);
  EXPECT_EQ(stakes.Find("b")->why, "it waits for the logon");
  EXPECT_EQ(stakes.Find("c"), nullptr);
}

TEST(TheStakes, AreOfTheLastPlaceOnly) {
  Stakes stakes;
  stakes.Set("a", {"seat seat0", true, ""});
  stakes.Set("a", {"seat seat1", false, ""});
  EXPECT_THAT(stakes.In("seat seat0"), IsEmpty());
  EXPECT_THAT(stakes.In("seat seat1"), ElementsAre("a"));
  EXPECT_FALSE(stakes.Find("a")->wanted);
  stakes.Erase("a");
  stakes.Erase("a");
  EXPECT_THAT(stakes.In("seat seat1"), IsEmpty());
  EXPECT_THAT(stakes.All(), IsEmpty());
}

}  // namespace
}  // namespace agents
