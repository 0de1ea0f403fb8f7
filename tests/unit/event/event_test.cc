#include "event/event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace broker {
namespace {

TEST(AnEvent, IsNamedByItsType) {
  Event event;
  event.type = EventType::kSessionLogon;
  EXPECT_EQ(event.TypeName(), "session.logon");
}

TEST(AnEventOfATypeWithoutANumber, KeepsItsOwnName) {
  Event event;
  event.type_name = "org.example.coffee_ready";
  EXPECT_EQ(event.TypeName(), "org.example.coffee_ready");
}

TEST(Details, AreFoundByKey) {
  Event event;
  event.details = {{"from", "2"}, {"to", "c1"}, {"to", "late"}};
  ASSERT_NE(event.Detail("to"), nullptr);
  EXPECT_EQ(*event.Detail("to"), "c1");
  EXPECT_EQ(event.Detail("seat"), nullptr);
}

TEST(ABrokerEvent, CarriesOriginTimeAndDetailsAndNoSession) {
  const Event event = MakeBrokerEvent(EventType::kLogGap, {1000, 20}, {{"from", "5"}});
  EXPECT_EQ(event.type, EventType::kLogGap);
  EXPECT_EQ(event.origin, Origin::kBroker);
  EXPECT_EQ(event.time, (Timestamp{1000, 20}));
  EXPECT_EQ(event.seq, 0U);
  EXPECT_EQ(event.session, nullptr);
  ASSERT_NE(event.Detail("from"), nullptr);
  EXPECT_EQ(*event.Detail("from"), "5");
}

TEST(Origins, HaveUniqueNamesThatLeadBackToThem) {
  std::set<std::string_view> names;
  for (const Origin origin : {Origin::kOs, Origin::kReconciled, Origin::kInjected, Origin::kBroker,
                              Origin::kPlugin, Origin::kRecorded}) {
    EXPECT_EQ(ParseOrigin(Name(origin)), origin);
    names.insert(Name(origin));
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"os", "reconciled", "injected", "broker", "plugin",
                                               "recorded"}));
  EXPECT_EQ(Name(Origin::kReconciled), "reconciled");
}

TEST(AnUnknownOrigin, IsNone) {
  EXPECT_EQ(ParseOrigin("OS"), std::nullopt);
  EXPECT_EQ(ParseOrigin(""), std::nullopt);
  EXPECT_EQ(Name(static_cast<Origin>(6)), "");
  EXPECT_EQ(Name(static_cast<Origin>(-1)), "");
}

}  // namespace
}  // namespace broker
