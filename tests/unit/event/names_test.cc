#include "event/names.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

enum class Fruit : int32_t { kNone = 0, kApple, kPear };
constexpr std::array<std::string_view, 3> kFruits{"", "apple", "pear"};

TEST(ATableOfNames, LeadsFromEnumeratorToNameAndBack) {
  static_assert(NameIn(kFruits, Fruit::kPear) == "pear");
  static_assert(ValueIn<Fruit>(kFruits, "apple") == Fruit::kApple);
}

TEST(ATableOfNames, HasNothingOutsideIt) {
  EXPECT_EQ(NameIn(kFruits, static_cast<Fruit>(3)), "");
  EXPECT_EQ(NameIn(kFruits, static_cast<Fruit>(-1)), "");
  EXPECT_EQ(ValueIn<Fruit>(kFruits, "plum"), std::nullopt);
}

TEST(ATableOfNames, NeverFindsTheEmptyName) {
  EXPECT_EQ(ValueIn<Fruit>(kFruits, ""), std::nullopt);
}

}  // namespace
}  // namespace broker
