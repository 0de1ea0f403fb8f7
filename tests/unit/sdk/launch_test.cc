// What the fake broker makes of agents, and with it the wrapper of usher.launch/1.
#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "usher/plugin.hpp"
#include "usher/testing.hpp"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using usher::EventType;
using usher::testing::CallResult;
using usher::testing::Driver;
using usher::testing::FakeHost;
using usher::testing::LaunchOutcome;
using usher::testing::MakeEvent;
using usher::testing::StartedLaunch;
using usher::testing::UserSession;

/// What the plugin below does at each event. One test at a time.
struct Script {
  std::function<void(const usher::Host&)> event;
  std::vector<usher::Launch> launches;
};
Script script;

class Launching final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  ~Launching() override { script.launches.clear(); }
  void OnEvent(const usher::Event&) override { script.event(host()); }
};

constexpr auto kNeeds = usher::detail::MakeNeeds(usher::Events(EventType::kSessionLogon));
constexpr usher_plugin_descriptor kDescriptor =
    usher::detail::Describe<Launching>("org.example.launching", "1", kNeeds);
constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<Launching>(&kDescriptor);

usher::LaunchRequest RequestOf(const std::string& agent) {
  usher::LaunchRequest request;
  request.agent = agent;
  request.session_id = "1";
  request.program = "/bin/x";
  return request;
}

class AFakeHostsLaunches : public testing::Test {
 protected:
  void SetUp() override {
    script = {};
    plugin_.emplace(host_, kEntry);
    ASSERT_TRUE(plugin_->Start());
  }
  void TearDown() override {
    plugin_.reset();
    EXPECT_THAT(host_.Violations(), IsEmpty());
  }
  CallResult During(std::function<void(const usher::Host&)> function) {
    script.event = std::move(function);
    return plugin_->Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna")));
  }
  void Keep(const usher::LaunchRequest& request,
            std::function<void(const usher::LaunchNews&)> function) {
    EXPECT_TRUE(During([&](const usher::Host& host) {
      script.launches.push_back(host.Launcher()->Start(request, std::move(function)));
    }));
  }
  [[nodiscard]] usher_status Refusal(const usher::LaunchRequest& request) {
    return During([&](const usher::Host& host) {
             script.launches.push_back(
                 host.Launcher()->Start(request, [](const usher::LaunchNews&) {}));
           })
        .status;
  }

  FakeHost host_;
  std::optional<Driver> plugin_;
};

TEST_F(AFakeHostsLaunches, AreKeptUntilTheTestEndsThem) {
  usher::LaunchRequest request = RequestOf("tray");
  request.arguments = {"--session", "1"};
  request.variables = {{"COLOUR", "red"}};
  request.scope = usher::LaunchScope::kUser;
  request.limits.tasks = 9;
  request.ready_when = USHER_READY_DISPLAY;
  request.keep = false;
  std::vector<std::string> told;
  Keep(request, [&](const usher::LaunchNews& news) {
    told.push_back(std::to_string(static_cast<int32_t>(news.change())) + " " +
                   std::to_string(news.pid()) + " " + std::string(news.meaning()));
  });
  ASSERT_EQ(host_.Launches().size(), 1U);
  const StartedLaunch launch = host_.Launches().front();
  EXPECT_EQ(launch.agent, "tray");
  EXPECT_THAT(launch.arguments, ElementsAre("--session", "1"));
  EXPECT_EQ(launch.variables.at("COLOUR"), "red");
  EXPECT_EQ(launch.scope, USHER_SCOPE_USER);
  EXPECT_EQ(launch.limits.tasks, 9U);
  EXPECT_EQ(launch.ready_when, USHER_READY_DISPLAY);
  EXPECT_FALSE(launch.keep);
  EXPECT_EQ(launch.cause, 1U) << "the event at hand";
  EXPECT_FALSE(launch.started);

  EXPECT_TRUE(plugin_->TellLaunch(launch.launch));
  EXPECT_TRUE(host_.Launches().front().started);
  LaunchOutcome end;
  end.change = USHER_LAUNCH_EXITED;
  end.meaning = "it exited with code 3";
  EXPECT_TRUE(plugin_->TellLaunch(launch.launch, end));
  EXPECT_THAT(told, ElementsAre("0 4711 ", "1 4711 it exited with code 3"));
  EXPECT_THAT(host_.Launches(), IsEmpty());
  EXPECT_EQ(plugin_->TellLaunch(launch.launch, end).status, USHER_NOT_FOUND);
}

TEST_F(AFakeHostsLaunches, AreAskedToStopAndLetGo) {
  Keep(RequestOf("one"), [](const usher::LaunchNews&) {});
  Keep(RequestOf("two"), [](const usher::LaunchNews&) {});
  EXPECT_TRUE(During([](const usher::Host&) {
    script.launches[0].Stop();
    script.launches.pop_back();
  }));
  ASSERT_EQ(host_.Launches().size(), 1U);
  EXPECT_TRUE(host_.Launches().front().stopping);
  ASSERT_EQ(host_.ReleasedLaunches().size(), 1U);
  EXPECT_EQ(host_.ReleasedLaunches().front().agent, "two");
}

TEST_F(AFakeHostsLaunches, EndWithTheInstance) {
  Keep(RequestOf("one"), [](const usher::LaunchNews&) { FAIL() << "nobody is told any more"; });
  plugin_->Stop();
  EXPECT_THAT(host_.Launches(), IsEmpty());
  EXPECT_EQ(host_.ReleasedLaunches().size(), 1U);
}

TEST_F(AFakeHostsLaunches, AreRefusedWhereTheBrokerWouldRefuseThem) {
  usher::LaunchRequest relative = RequestOf("one");
  relative.program = "x";
  EXPECT_EQ(Refusal(relative), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Refusal(RequestOf("One")), USHER_INVALID_ARGUMENT);
  usher::LaunchRequest patient = RequestOf("one");
  patient.stop_time = std::chrono::minutes(11);
  EXPECT_EQ(Refusal(patient), USHER_INVALID_ARGUMENT);
  usher::LaunchRequest large = RequestOf("one");
  large.arguments.resize(USHER_LAUNCH_MAX_ARGUMENTS + 1);
  EXPECT_EQ(Refusal(large), USHER_LIMIT);
  EXPECT_EQ(Refusal(RequestOf("one")), USHER_OK);
  EXPECT_EQ(Refusal(RequestOf("one")), USHER_INVALID_ARGUMENT) << "it has not ended";
  host_.Fail("launch", USHER_NOT_PERMITTED, "not this one");
  EXPECT_EQ(Refusal(RequestOf("two")), USHER_NOT_PERMITTED);
}

TEST_F(AFakeHostsLaunches, AreDescribedAndSettled) {
  EXPECT_TRUE(During([](const usher::Host& host) {
    usher::AgentStatus status;
    status.agent = "tray";
    status.session_id = "1";
    host.Launcher()->Describe(status);
    status.state = usher::AgentState::kBackingOff;
    status.reason = "it exited";
    host.Launcher()->Describe(status);
    host.Launcher()->Settle();
  }));
  EXPECT_EQ(host_.Settled(), 1);
  EXPECT_EQ(host_.Described().size(), 2U);
  ASSERT_TRUE(host_.Described("tray", "1"));
  EXPECT_EQ(host_.Described("tray", "1")->state, USHER_AGENT_BACKING_OFF);
  EXPECT_EQ(host_.Described("tray", "1")->reason, "it exited");
  EXPECT_FALSE(host_.Described("tray", "2"));
  EXPECT_THAT(During([](const usher::Host& host) { host.Launcher()->Describe({}); }).text,
              HasSubstr("needs an agent's name"));
}

}  // namespace
