// Plugins that were built with other versions of the interface, as tests/abi makes them.
#include "plugin_host/instance.h"
#include "plugin_host/module_trust.h"
#include "tests/unit/plugin_host/host_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;

class OneCompletion final : public Completions {
 public:
  bool Complete(Seq seq, Status how) noexcept override {
    seq_ = how.ok() ? seq : 0;
    return true;
  }
  [[nodiscard]] Seq Completed() const { return seq_; }

 private:
  Seq seq_ = 0;
};

class APluginOfAnotherVersion : public testing::HostFixture {
 protected:
  /// Takes an instance through its life, with one event; the event's outcome.
  Outcome Live(const std::string& plugin, std::string_view config, Event event) {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    auto module = Module::Load(Install(plugin), copies);
    EXPECT_TRUE(module.ok()) << module.status().message();
    Instance instance(context_, PluginOf("me", plugin, config), std::move(module).value(),
                      directory_ / "store");
    const auto activation = instance.Activate(completions_);
    EXPECT_TRUE(activation.ok()) << activation.status().message();
    event.seq = 5;
    const Outcome outcome = instance.Deliver({event, "{}", boot_id_});
    instance.Deactivate();
    EXPECT_TRUE(announcer_.Events().empty());
    return outcome;
  }

  const std::string boot_id_ = "boot";
  OneCompletion completions_;
};

TEST_F(APluginOfAnotherVersion, ThatIsOlderWorksAsItAlwaysDid) {
  CommitSession("1");
  EXPECT_EQ(Live("old_0_2", "word = 'hello'", MakeBrokerEvent(EventType::kSessionLocked, {})),
            Outcome::kPending);
  EXPECT_EQ(completions_.Completed(), 5U);
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre("plugin me: hello", "plugin me: 1 sessions, 1 now",
                                                "plugin me: session.locked", "plugin me: stop"));
}

TEST_F(APluginOfAnotherVersion, ThatIsNewerGetsWhatThereIs) {
  Event dreaming = MakeBrokerEvent(EventType::kUnknown, {});
  dreaming.type_name = "session.dreaming";
  EXPECT_EQ(Live("newer", "", dreaming), Outcome::kDone);
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre("plugin me: an older broker", "plugin me: no tomorrow",
                          "plugin me: wants events of the type 'session.dreaming', which this "
                          "broker does not know; it may never get one",
                          "plugin me: session.dreaming"));
}

}  // namespace
}  // namespace broker
