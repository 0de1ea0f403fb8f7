// Timers, events of a plugin's own, and the check of its configuration, as an instance has them.
#include "plugin_host/config_check.h"
#include "plugin_host/host_services/extensions.h"
#include "plugin_host/instance.h"
#include "plugin_host/module_trust.h"
#include "tests/unit/plugin_host/host_fixture.h"
#include "tests/unit/plugin_host/where.h"

namespace broker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Where;

constexpr int64_t kMillisecond = 1000;

class NoCompletions final : public Completions {
 public:
  bool Complete(Seq, Status) noexcept override { return false; }
};

class AnExtendedInstance : public testing::HostFixture,
                           public ::testing::WithParamInterface<Where> {
 protected:
  AnExtendedInstance() {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    module_ = testing::Load(GetParam(), Install("extended"), copies).value();
  }

  /// Brings an instance up; its answer.
  std::string Activate(std::string_view config, std::vector<std::string> deny = {},
                       bool simulated = false) {
    HostContext context = context_;
    context.simulated = simulated;
    PluginSettings settings = PluginOf("me", "extended", config);
    settings.deny = std::move(deny);
    instance_ = std::make_unique<Instance>(context, settings, module_, directory_ / "store");
    const auto activation = instance_->Activate(completions_);
    return activation.ok() ? "up" : activation.status().message();
  }

  Outcome Deliver(Seq seq, uint32_t chain = 0) {
    Event event = MakeBrokerEvent(EventType::kSessionLogon, clock_.Now());
    event.seq = seq;
    event.chain = chain;
    return instance_->Deliver({event, "{}", boot_id_});
  }

  /// The types of what was emitted: "TYPE of SEQ, cause CAUSE, chain CHAIN".
  [[nodiscard]] std::vector<std::string> Emitted() const {
    std::vector<std::string> emitted;
    for (const Event& event : announcer_.Of(EventType::kUnknown)) {
      EXPECT_EQ(event.origin, Origin::kPlugin);
      const std::string* of = event.Detail("of");
      emitted.push_back(event.type_name + (of == nullptr ? "" : " of " + *of) + ", cause " +
                        std::to_string(event.cause) + ", chain " + std::to_string(event.chain));
    }
    return emitted;
  }

  const std::string boot_id_ = "boot";
  NoCompletions completions_;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<Instance> instance_;
};

TEST_P(AnExtendedInstance, EmitsEventsThatItsEventsCaused) {
  ASSERT_EQ(Activate("name = 'x'"), "up");
  EXPECT_EQ(Deliver(5, 2), Outcome::kDone);
  instance_->Tend();
  EXPECT_EQ(Deliver(6), Outcome::kDone);
  instance_->Deactivate();
  EXPECT_THAT(Emitted(), ElementsAre("org.example.extended.seen of 5, cause 5, chain 3",
                                     "org.example.extended.later of 5, cause 5, chain 3",
                                     "org.example.extended.seen of 6, cause 6, chain 1",
                                     "org.example.extended.stopped, cause 0, chain 0"));
}

TEST_P(AnExtendedInstance, LearnsThatAChainMayNotGoOn) {
  ASSERT_EQ(Activate("name = 'x'"), "up");
  EXPECT_EQ(Deliver(5, kMaxChain), Outcome::kDone);
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: event 5, not emitted");
  instance_->Tend();
  instance_->Deactivate();
  EXPECT_THAT(Emitted(), ElementsAre("org.example.extended.stopped, cause 0, chain 0"));
  EXPECT_EQ(announcer_.Of(EventType::kSuppressed).size(), 2U) << "seen, and later";
}

TEST_P(AnExtendedInstance, HasItsTimersCalledByTheBrokersClock) {
  ASSERT_EQ(Activate("name = 'x'\nperiod_ms = 20"), "up");
  const auto now = std::chrono::steady_clock::now();
  const auto next = instance_->Tend();
  EXPECT_GE(next, now + std::chrono::milliseconds(20));
  EXPECT_LT(next, now + std::chrono::seconds(10));
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty());
  clock_.monotonic_us += 20 * kMillisecond;
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre("plugin me: tick 1"));
  instance_->Deactivate();
}

TEST_P(AnExtendedInstance, IsStruckForATimerThatFailsAndTheTimerGoesOn) {
  ASSERT_EQ(Activate("name = 'x'\nperiod_ms = 20"), "up");
  for (int i = 0; i < 5; ++i) {
    clock_.monotonic_us += 20 * kMillisecond;
    instance_->Tend();
  }
  EXPECT_THAT(
      diagnostics_.Lines(),
      ElementsAre("plugin me: tick 1", "plugin me: tick 2",
                  "plugin me: timer() answered USHER_ERROR (-1): no coffee", "plugin me: tick 3"))
      << "the third one cancels it";
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(*failed.front().Detail("call"), "timer");
  EXPECT_EQ(*failed.front().Detail("strikes"), "1");
  EXPECT_EQ(instance_->Tend(), Condition::TimePoint::max());
  instance_->Deactivate();
}

TEST_P(AnExtendedInstance, HasTimersCalledBeforeTheEventsThatCameAfterThem) {
  ASSERT_EQ(Activate("name = 'x'\nperiod_ms = 20"), "up");
  clock_.monotonic_us += 20 * kMillisecond;
  EXPECT_EQ(Deliver(5), Outcome::kDone);
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre("plugin me: tick 1", "plugin me: event 5"));
  instance_->Deactivate();
}

TEST_P(AnExtendedInstance, MissesNothingOfASimulatedTimeThatLeaps) {
  ASSERT_EQ(Activate("name = 'x'\nperiod_ms = 20", {}, true), "up");
  clock_.monotonic_us += 3600 * 1000 * kMillisecond;
  EXPECT_EQ(Deliver(5), Outcome::kDone);
  EXPECT_THAT(diagnostics_.Lines(), Contains("plugin me: tick 3"));
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: event 5");
  instance_->Deactivate();
}

TEST_P(AnExtendedInstance, HasSimulatedTimersCalledOnceTheClockStandsStill) {
  ASSERT_EQ(Activate("name = 'x'\nperiod_ms = 20", {}, true), "up");
  instance_->Tend();
  clock_.monotonic_us += 20 * kMillisecond;
  const auto now = std::chrono::steady_clock::now();
  EXPECT_LT(instance_->Tend(), now + std::chrono::seconds(1)) << "it is to be looked at again soon";
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty());
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre("plugin me: tick 1"));
  instance_->Deactivate();
}

TEST_P(AnExtendedInstance, IsRefusedByItsOwnCheckOfTheConfigurationBeforeItIsMade) {
  EXPECT_EQ(Activate("period_ms = 0\n[limits]\nuserz = []\n"),
            "usher.toml:1:13: plugins.me.config.period_ms: must be 1 or more\n"
            "usher.toml:1:1: plugins.me.config.name: must be there\n"
            "usher.toml:3:1: plugins.me.config.limits.userz: the plugin knows no such key; did you "
            "mean 'limits.users'?");
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(*failed.front().Detail("call"), "check_config");
}

TEST_P(AnExtendedInstance, IsToldWhereAValueIsOfAnotherTypeDeepInside) {
  EXPECT_EQ(Activate("name = 'x'\n[limits]\nusers = ['anna', 3]\n"),
            "usher.toml:1:1: plugins.me: check_config() answered USHER_WRONG_TYPE (-5): "
            "configuration key \"limits.users\": must "
            "be an array of strings\n"
            "usher.toml:3:18: plugins.me.config.limits.users: the plugin wants an array of strings "
            "here, this is of type integer");
}

TEST_P(AnExtendedInstance, IsRefusedForWhatItsInitHasAgainstAKey) {
  EXPECT_EQ(Activate("name = 'late'\n"), "usher.toml:1:8: plugins.me.config.name: may not be late");
  EXPECT_THAT(Emitted(), IsEmpty()) << "it has never been active";
}

TEST_P(AnExtendedInstance, LacksWhatTheConfigurationDenies) {
  ASSERT_EQ(Activate("name = 'x'", {USHER_EXT_EMIT}), "up");
  EXPECT_EQ(Deliver(5), Outcome::kFailed);
  EXPECT_THAT(diagnostics_.Lines().back(), HasSubstr("offers no extension \"usher.emit/1\""));
  instance_->Deactivate();
  EXPECT_THAT(Emitted(), IsEmpty());
}

TEST_P(AnExtendedInstance, IsRefusedWhereSomethingIsDeniedThatThereIsNot) {
  EXPECT_EQ(Activate("name = 'x'", {"usher.emitt/1"}),
            "usher.toml:1:1: plugins.me.deny: this broker has no extension 'usher.emitt/1'; did "
            "you mean 'usher.emit/1'?");
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AnExtendedInstance,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

}  // namespace
}  // namespace broker
