// Calls into plugins that take too long: each is told of, and costs that instance only.
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "tests/support/end_child.h"
#include "tests/unit/plugin_host/registry_fixture.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;
using testing::kPatience;

class AnOverdueCall : public testing::RegistryFixture {
 protected:
  /// Configures an instance that misbehaves in `call`, and has a tenth of a second for each.
  void AddMisbehaving(const std::string& call, const std::string& how) {
    Add("misbehaves", "in = '" + call + "'\nhow = '" + how + "'\n");
    PluginSettings& plugin = settings_.plugins.back();
    plugin.start_timeout_us = plugin.event_timeout_us = plugin.stop_timeout_us = 100'000;
  }

  /// The details of the one event of that type that tells of the instance.
  [[nodiscard]] Event Only(EventType type) const {
    const auto events = announcer_.Of(type);
    EXPECT_EQ(events.size(), 1U);
    return events.empty() ? Event() : events.front();
  }

  void ExpectAbandoned(const std::string& call) const {
    EXPECT_EQ(*Only(EventType::kPluginOverdue).Detail("call"), call);
    const Event failed = Only(EventType::kPluginFailed);
    EXPECT_EQ(failed.reason, "abandoned");
    EXPECT_EQ(*failed.Detail("call"), call);
    EXPECT_EQ(*failed.Detail("strikes"), "1");
    EXPECT_EQ(*failed.Detail("error"), call +
                                           "() did not return within 100 ms, nor in the 50 ms "
                                           "after it was asked to: the instance is abandoned");
    EXPECT_EQ(StatusOf("misbehaves").state, PluginState::kFailed);
    EXPECT_THAT(StatusOf("misbehaves").last_error, HasSubstr("is abandoned"));
  }
};

/// Nothing of an abandoned instance may be freed, nor what it leans on: the process just ends.
class AnAbandonedInstanceDeathTest : public AnOverdueCall {
 protected:
  AnAbandonedInstanceDeathTest() {
    HostContext context = context_;
    context.monitor = std::make_shared<CallMonitor>(milliseconds(50));
    registry_ = std::make_unique<PluginRegistry>(context);
  }

  /// Runs `body` in a process of its own, which fails if an expectation in it does.
  template <class Body>
  void InAProcess(Body body) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
          body();
          std::filesystem::remove_all(directory_.path());
          testing::EndChild();
        },
        ::testing::ExitedWithCode(0), "");
  }
};

class AHangDeathTest : public AnAbandonedInstanceDeathTest,
                       public ::testing::WithParamInterface<const char*> {};

TEST_P(AHangDeathTest, CostsTheInstanceAndNobodyElse) {
  const std::string call = GetParam();
  InAProcess([&] {
    AddMisbehaving(call, "hang");
    Add("good");
    const auto begin = steady_clock::now();
    Start();
    const bool starts = call == "create" || call == "init" || call == "on_snapshot";
    if (starts) ExpectAbandoned(call);
    Emit(EventType::kSessionLogon);
    EXPECT_TRUE(Eventually([&] { return StatusOf("good").acknowledged == 1; }));
    if (call == "on_event") {
      EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").state == PluginState::kFailed; }));
      EXPECT_EQ(*Only(EventType::kPluginFailed).Detail("seq"), "1");
      EXPECT_EQ(Only(EventType::kPluginFailed).cause, 1U);
    }
    EXPECT_THAT(registry_->Stop(kPatience), ElementsAre("misbehaves"));
    ExpectAbandoned(call);
    EXPECT_EQ(StatusOf("good").state, PluginState::kStopped);
    EXPECT_LT(steady_clock::now() - begin, seconds(10));
    registry_.reset();
    EXPECT_FALSE(std::filesystem::is_empty(directory_ / "state/modules")) << "it is still mapped";
  });
}

INSTANTIATE_TEST_SUITE_P(In, AHangDeathTest,
                         ::testing::Values("create", "init", "on_snapshot", "on_event", "stop",
                                           "destroy"),
                         [](const auto& call) { return std::string(call.param); });

TEST_F(AnAbandonedInstanceDeathTest, KeepsItsCursorAndHoldsNobodyUp) {
  InAProcess([&] {
    AddMisbehaving("on_event", "hang");
    ASSERT_TRUE(cursors_.Save("misbehaves", 0).ok());
    Start();
    Emit(EventType::kSessionLogon);
    EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").state == PluginState::kFailed; }));
    Emit(EventType::kSessionLogon);
    EXPECT_TRUE(Eventually([&] { return hub_.Slowest() > 2; }));
    EXPECT_THAT(registry_->Stop(kPatience), ElementsAre("misbehaves"));
    EXPECT_EQ(cursors_.Load("misbehaves").value(), (StoredCursor{0, ""}));
  });
}

TEST_F(AnAbandonedInstanceDeathTest, WhoseTableIsChangedBeginsAtTheLogsEnd) {
  InAProcess([&] {
    const std::string notes = directory_ / "notes";
    Add("misbehaves",
        "in = 'on_event'\nhow = 'hang'\ntype = 'session.locked'\nnotes = '" + notes + "'\n");
    std::filesystem::last_write_time(
        directory_ / "lib/misbehaves.so",
        std::filesystem::file_time_type::clock::now() - std::chrono::minutes(1));
    Start();
    const auto change = [&] {
      Settings wanted = settings_;
      wanted.plugins.back().event_timeout_us -= 100'000;
      for (const auto& [instance, outcome] :
           registry_->Apply(wanted, ComparePlugins(settings_, wanted))) {
        EXPECT_TRUE(outcome.ok()) << outcome.message();
      }
      settings_ = wanted;
    };
    const auto deliver = [&](Seq seq) {
      Emit(EventType::kSessionLogon);
      EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").acknowledged == seq; }));
    };
    settings_.plugins.back().event_timeout_us = 300'000;
    deliver(1);
    change();
    deliver(2);
    Emit(EventType::kSessionLocked);
    EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").state == PluginState::kFailed; }));
    for (const char* id : {"7", "8", "9"}) CommitSession(id);
    change();
    deliver(4);
    std::ifstream file(notes);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}),
              "1 session.logon\n2 session.logon\n3 session.locked\n4 session.logon\n");
    EXPECT_EQ(*Only(EventType::kPluginSkipped).Detail("reason"), "released");
  });
}

class AnInterruptedCall
    : public AnOverdueCall,
      public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(AnInterruptedCall, ThatReturnsIsNoFault) {
  const std::string call = GetParam().first;
  AddMisbehaving(call, GetParam().second);
  Start();
  EXPECT_EQ(StatusOf("misbehaves").state, PluginState::kRunning);
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").acknowledged == 1; }));
  EXPECT_THAT(registry_->Stop(kPatience), ElementsAre());
  const Event overdue = Only(EventType::kPluginOverdue);
  EXPECT_EQ(*overdue.Detail("call"), call);
  EXPECT_EQ(*overdue.Detail("deadline_ms"), "100");
  EXPECT_EQ(overdue.cause, call == "on_event" ? 1U : 0U);
  EXPECT_TRUE(announcer_.Of(EventType::kPluginFailed).empty());
  EXPECT_EQ(StatusOf("misbehaves").strikes, 0U);
}

INSTANTIATE_TEST_SUITE_P(By, AnInterruptedCall,
                         ::testing::Values(std::pair("create", "obey"), std::pair("init", "obey"),
                                           std::pair("on_snapshot", "obey"),
                                           std::pair("on_event", "obey"),
                                           std::pair("init", "be interrupted"),
                                           std::pair("on_event", "be interrupted"),
                                           std::pair("stop", "be interrupted")),
                         [](const auto& way) {
                           return std::string(way.param.first) +
                                  (*way.param.second == 'o' ? "_obeying" : "_interrupted");
                         });

TEST_F(AnOverdueCall, IsFollowedByTheNextOnceItsInterruptHasReturned) {
  AddMisbehaving("on_event", "be interrupted at length");
  Start();
  Emit(EventType::kSessionLogon);
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").acknowledged == 2; }));
  EXPECT_TRUE(announcer_.Of(EventType::kPluginFailed).empty()) << ErrorOf("misbehaves");
}

TEST_F(AnOverdueCall, IsForgottenByTheNextOne) {
  AddMisbehaving("on_event", "obey");
  Start();
  for (Seq seq = 1; seq <= 3; ++seq) {
    Emit(EventType::kSessionLogon);
    EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").acknowledged == seq; }));
    EXPECT_EQ(announcer_.Of(EventType::kPluginOverdue).size(), seq);
  }
}

class ACallInItsTime : public AnOverdueCall, public ::testing::WithParamInterface<const char*> {};

TEST_P(ACallInItsTime, IsNotWaitedForWhenTheInstanceIsToStop) {
  AddMisbehaving("on_event", GetParam());
  settings_.plugins.back().event_timeout_us = 3'600'000'000;
  Start();
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("misbehaves").lag == 1; }));
  EXPECT_THAT(registry_->Stop(kPatience), ElementsAre());
  EXPECT_TRUE(announcer_.Of(EventType::kPluginOverdue).empty());
}

INSTANTIATE_TEST_SUITE_P(If, ACallInItsTime, ::testing::Values("obey", "be interrupted"),
                         [](const auto& how) {
                           return *how.param == 'o' ? "ItObeys" : "ItIsInterrupted";
                         });

}  // namespace
}  // namespace broker
