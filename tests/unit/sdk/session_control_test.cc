// What the fake broker makes of actions upon sessions, and with it the wrapper of usher.session/1.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "usher/plugin.hpp"
#include "usher/testing.hpp"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using usher::EventType;
using usher::SessionAction;
using usher::testing::CallResult;
using usher::testing::Driver;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;
using usher::testing::RequestedAction;
using usher::testing::UserSession;

/// What the plugin below does at each event. One test at a time.
std::function<void(const usher::Host&)> at_an_event;

class Acting final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event&) override { at_an_event(host()); }
};

constexpr auto kNeeds = usher::detail::MakeNeeds(usher::Events(EventType::kSessionLogon));
constexpr usher_plugin_descriptor kDescriptor =
    usher::detail::Describe<Acting>("org.example.acting", "1", kNeeds);
constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<Acting>(&kDescriptor);

class AFakeHostsSessions : public testing::Test {
 protected:
  void SetUp() override {
    host_.sessions = {UserSession("anna", "1")};
    plugin_.emplace(host_, kEntry);
    ASSERT_TRUE(plugin_->Start());
  }
  void TearDown() override {
    plugin_.reset();
    EXPECT_THAT(host_.Violations(), IsEmpty());
  }
  /// The plugin asks for it at a logon of session 2.
  CallResult Ask(SessionAction action, const std::string& session_id, uint64_t cause = 0) {
    at_an_event = [&](const usher::Host& host) {
      host.SessionControl()->Request(action, session_id, cause);
    };
    auto event = MakeEvent(EventType::kSessionLogon, UserSession("berta", "2"));
    event.seq = 7;
    return plugin_->Deliver(std::move(event));
  }

  FakeHost host_;
  std::optional<Driver> plugin_;
};

TEST_F(AFakeHostsSessions, AreAskedForActionsInOrder) {
  EXPECT_TRUE(Ask(SessionAction::kLock, "1"));
  EXPECT_TRUE(Ask(SessionAction::kLogOff, "1"));
  EXPECT_TRUE(Ask(SessionAction::kDisconnect, "1"));
  EXPECT_TRUE(Ask(SessionAction::kSwitchTo, "1", 7));
  EXPECT_THAT(host_.RequestedActions(),
              ElementsAre(RequestedAction{USHER_SESSION_LOCK, "1", 7},
                          RequestedAction{USHER_SESSION_LOG_OFF, "1", 7},
                          RequestedAction{USHER_SESSION_DISCONNECT, "1", 7},
                          RequestedAction{USHER_SESSION_SWITCH_TO, "1", 7}));
}

TEST_F(AFakeHostsSessions, IncludeTheOneOfTheEventAtHand) {
  EXPECT_TRUE(Ask(SessionAction::kLock, "2")) << "no snapshot has it";
}

TEST_F(AFakeHostsSessions, AreLeftAloneWhereTheBrokerWouldRefuseIt) {
  EXPECT_EQ(Ask(SessionAction::kLock, "9").status, USHER_NOT_FOUND);
  EXPECT_THAT(Ask(SessionAction::kLock, "9").text, HasSubstr("there is no session '9'"));
  EXPECT_EQ(Ask(SessionAction::kLock, "").status, USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Ask(static_cast<SessionAction>(4), "1").status, USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Ask(static_cast<SessionAction>(-1), "1").status, USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Ask(SessionAction::kLock, "1", 6).status, USHER_NOT_FOUND) << "no such cause";
  EXPECT_THAT(host_.RequestedActions(), IsEmpty());
}

TEST_F(AFakeHostsSessions, RefuseWhatTheTestSays) {
  host_.Fail("session", USHER_NOT_FOUND, "it has just ended");
  const CallResult refused = Ask(SessionAction::kLogOff, "1");
  EXPECT_EQ(refused.status, USHER_NOT_FOUND);
  EXPECT_THAT(refused.text, HasSubstr("it has just ended"));
  host_.Fail("session", USHER_OK);
  EXPECT_TRUE(Ask(SessionAction::kLogOff, "1"));
}

TEST_F(AFakeHostsSessions, CannotBeActedUponWhereThatIsNotGranted) {
  host_.missing_extensions = {USHER_EXT_SESSION};
  EXPECT_FALSE(Ask(SessionAction::kLock, "1"));
}

}  // namespace
