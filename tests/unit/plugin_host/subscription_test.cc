// Which events an instance gets: what its descriptor names, narrowed by what it asks for.
#include <vector>

#include "tests/unit/plugin_host/c_host_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using APluginsHost = testing::CHostFixture;

class ASubscribingHost : public APluginsHost {
 protected:
  ASubscribingHost()
      : APluginsHost(
            {"session.logon", "session.logoff", "org.example.me.own", "org.example.other"}) {}
  usher_status Subscribe(std::vector<const char*> types) {
    return c_->subscribe(c_, types.data(), static_cast<uint32_t>(types.size()));
  }
  static Event OwnEvent(const std::string& type) {
    Event event;
    event.type_name = type;
    return event;
  }
};

TEST_F(ASubscribingHost, GetsWhatTheDescriptorNamesUntilItSaysOtherwise) {
  EXPECT_THAT(host_.Types().Types(), ElementsAre(EventType::kSessionLogon,
                                                 EventType::kSessionLogoff, EventType::kUnknown));
  EXPECT_TRUE(host_.Types().Wants(OwnEvent("org.example.me.own")));
  EXPECT_FALSE(host_.Types().Wants(OwnEvent("org.example.me.else")));
}

TEST_F(ASubscribingHost, NarrowsWithTheLastCall) {
  EXPECT_EQ(Subscribe({"session.logon"}), USHER_OK);
  EXPECT_EQ(Subscribe({"session.logoff", "org.example.other"}), USHER_OK);
  EXPECT_THAT(host_.Types().Types(), ElementsAre(EventType::kSessionLogoff, EventType::kUnknown));
  EXPECT_FALSE(host_.Types().Wants(OwnEvent("org.example.me.own")));
  EXPECT_THAT(host_.Types().UnknownNames(), ElementsAre("org.example.other"));
}

TEST_F(ASubscribingHost, NeverWidens) {
  EXPECT_EQ(Subscribe({"session.logon", "session.locked"}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Subscribe({"session.logon", nullptr}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Subscribe({}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(host_.Types().Types().size(), 3U);
}

TEST_F(ASubscribingHost, IsDoneSubscribingWithInit) {
  host_.SetPhase(Host::Phase::kActive);
  EXPECT_EQ(Subscribe({"session.logon"}), USHER_INVALID_ARGUMENT);
}

TEST_F(APluginsHost, WithoutTypesInTheDescriptorGetsEveryType) {
  EXPECT_EQ(host_.Types().Types().size(), static_cast<size_t>(EventType::kCount));
  Event own;
  own.type_name = "org.example.any";
  EXPECT_TRUE(host_.Types().Wants(own));
}

}  // namespace
}  // namespace broker
