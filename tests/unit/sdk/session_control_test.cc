// What the fake broker makes of actions upon sessions, and with it the wrapper of usher.session/1.
#include <functional>
#include <optional>
#include <thread>

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

using Act = std::function<void(const usher::Host&)>;

/// What the plugin below does. One test at a time.
struct Script {
  Act init;
  Act event;
  Act stop;
  std::optional<usher::Completion> completion;  ///< Of an event that is left open.
  bool leaves_open = false;
};
Script script;

class Acting final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;
  void OnInit() override {
    if (script.init) script.init(host());
  }
  usher::Answer OnEvent(const usher::Event& event) override {
    if (script.event) script.event(host());
    if (!script.leaves_open) return usher::Answer::kDone;
    script.completion.emplace(host(), event);
    return usher::Answer::kPending;
  }
  void OnStop() override {
    if (script.stop) script.stop(host());
  }
};

/// Asks to have session 1 locked; what comes of it.
Act Locks(usher_status& status) {
  return [&status](const usher::Host& host) {
    status = USHER_OK;
    try {
      host.SessionControl()->Request(SessionAction::kLock, "1");
    } catch (const usher::Error& error) {
      status = error.status();
    }
  };
}

constexpr auto kNeeds = usher::detail::MakeNeeds(usher::Events(EventType::kSessionLogon));
constexpr usher_plugin_descriptor kDescriptor =
    usher::detail::Describe<Acting>("org.example.acting", "1", kNeeds);
constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<Acting>(&kDescriptor);

class AFakeHostsSessions : public testing::Test {
 protected:
  void SetUp() override {
    script = Script();
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
    script.event = [&](const usher::Host& host) {
      host.SessionControl()->Request(action, session_id, cause);
    };
    auto event = MakeEvent(EventType::kSessionLogon, UserSession("berta", "2"));
    event.seq = 7;
    const CallResult result = plugin_->Deliver(std::move(event));
    script.event = nullptr;
    return result;
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

TEST_F(AFakeHostsSessions, AreActedUponForAnEventThatIsOpen) {
  script.leaves_open = true;
  auto event = MakeEvent(EventType::kSessionLogon, UserSession("carla", "3"));
  event.seq = 5;
  EXPECT_EQ(plugin_->Deliver(event).status, USHER_PENDING);
  script.leaves_open = false;
  EXPECT_TRUE(Ask(SessionAction::kLock, "1", 5));
  EXPECT_THAT(host_.RequestedActions(), ElementsAre(RequestedAction{USHER_SESSION_LOCK, "1", 5}));
  script.completion->Done();
  EXPECT_EQ(Ask(SessionAction::kLock, "1", 5).status, USHER_NOT_FOUND) << "it has ended";
}

TEST_F(AFakeHostsSessions, AreLeftAloneBeforeAndAfterThePluginRuns) {
  plugin_->Stop();
  plugin_.reset();
  usher_status at_init = USHER_OK;
  usher_status at_stop = USHER_OK;
  script.init = Locks(at_init);
  script.stop = Locks(at_stop);
  plugin_.emplace(host_, kEntry);
  ASSERT_TRUE(plugin_->Start());
  EXPECT_EQ(at_init, USHER_INVALID_ARGUMENT);
  plugin_->Stop();
  EXPECT_EQ(at_stop, USHER_STOPPED);
  EXPECT_THAT(host_.RequestedActions(), IsEmpty());
}

TEST(AFakeHostWithSessions, NoticesARequestFromAnotherThread) {
  script = Script();
  FakeHost host;
  host.sessions = {UserSession("anna", "1")};
  usher_status apart = USHER_OK;
  script.event = [&apart](const usher::Host& asked) {
    std::thread([&] { Locks(apart)(asked); }).join();
  };
  Driver plugin(host, kEntry);
  ASSERT_TRUE(plugin.Start());
  EXPECT_TRUE(plugin.Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna", "1"))));
  EXPECT_EQ(apart, USHER_INVALID_ARGUMENT);
  EXPECT_THAT(host.RequestedActions(), IsEmpty());
  EXPECT_THAT(host.Violations(), ElementsAre(HasSubstr("from another thread")));
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
