#include "plugin_host/addressed.h"

#include <gtest/gtest.h>

#include "event/clock.h"

namespace broker {
namespace {

Event ARequest() {
  return MakeBrokerEvent(EventType::kControlRequest, SystemClock().Now(), {{"method", "x"}});
}

TEST(ARequest, IsForThoseItNames) {
  Event request = ARequest();
  Address({"agents", "office-2"}, request);
  EXPECT_EQ(*request.Detail("instances"), "agents, office-2");
  EXPECT_TRUE(IsFor("agents", request));
  EXPECT_TRUE(IsFor("office-2", request));
  EXPECT_FALSE(IsFor("office", request));
  EXPECT_FALSE(IsFor("gents", request));
}

TEST(ARequest, IsForAllWhereItNamesNobody) {
  EXPECT_TRUE(IsFor("agents", ARequest()));
}

TEST(ARequest, IsTheBrokersOnly) {
  Event event = ARequest();
  Address({"agents"}, event);
  event.origin = Origin::kInjected;
  EXPECT_TRUE(IsFor("office", event));
  event.origin = Origin::kBroker;
  event.type = EventType::kConfigReloaded;
  EXPECT_TRUE(IsFor("office", event));
}

}  // namespace
}  // namespace broker
