#include "event/event_type.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace broker {
namespace {

constexpr auto kTypeCount = static_cast<int32_t>(EventType::kCount);

TEST(EventTypes, HaveANameEachThatLeadsBackToThem) {
  for (int32_t number = 1; number < kTypeCount; ++number) {
    const auto type = static_cast<EventType>(number);
    ASSERT_FALSE(Name(type).empty()) << number;
    EXPECT_EQ(ParseEventType(Name(type)), type) << Name(type);
  }
}

TEST(EventTypes, HaveUniqueNames) {
  std::set<std::string_view> names;
  for (int32_t number = 1; number < kTypeCount; ++number) {
    const std::string_view name = Name(static_cast<EventType>(number));
    EXPECT_TRUE(names.insert(name).second) << name << " is used twice";
  }
}

TEST(EventTypes, AreNamedInLowerCaseWithDots) {
  for (int32_t number = 1; number < kTypeCount; ++number) {
    const std::string_view name = Name(static_cast<EventType>(number));
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_."), std::string_view::npos)
        << name;
  }
}

TEST(TheUnknownType, HasNoName) {
  EXPECT_EQ(Name(EventType::kUnknown), "");
  EXPECT_EQ(ParseEventType(""), std::nullopt);
}

TEST(NumbersOutsideTheList, HaveNoName) {
  EXPECT_EQ(Name(EventType::kCount), "");
  EXPECT_EQ(Name(static_cast<EventType>(-1)), "");
  EXPECT_EQ(Name(static_cast<EventType>(1'000'000)), "");
}

TEST(NamesOutsideTheList, AreNoType) {
  EXPECT_EQ(ParseEventType("session.logo"), std::nullopt);
  EXPECT_EQ(ParseEventType("Session.Logon"), std::nullopt);
  EXPECT_EQ(ParseEventType("session.logon "), std::nullopt);
}

}  // namespace
}  // namespace broker
