#include "plugin_host/instance.h"

#include "plugin_host/module_trust.h"
#include "eventlog/stored_event.h"
#include "tests/unit/plugin_host/host_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;

/// A good plugin's instance, driven as its lane would.
class AnInstance : public testing::HostFixture {
 protected:
  AnInstance() {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    auto module = Module::Load(Install("good"), copies);
    EXPECT_TRUE(module.ok()) << module.status().message();
    instance_ = std::make_unique<Instance>(context_, PluginOf("me", "good"),
                                           std::move(module).value(), directory_ / "store");
  }

  static StoredEvent Logon(Seq seq) {
    StoredEvent stored;
    stored.event = MakeBrokerEvent(EventType::kSessionLogon, {});
    stored.event.seq = seq;
    return stored;
  }

  class : public Completions {
    void Complete(Seq /*seq*/) noexcept override {}
  } completions_;
  std::unique_ptr<Instance> instance_;
};

TEST_F(AnInstance, SaysUpToWhereItsSnapshotGoes) {
  CommitSession("1");
  CommitSession("2");
  const Result<Activation> activation = instance_->Activate(completions_);
  ASSERT_TRUE(activation.ok()) << activation.status().message();
  EXPECT_EQ(activation.value().as_of, 2U);
  EXPECT_EQ(activation.value().types.size(), static_cast<size_t>(EventType::kCount));
  instance_->Deactivate();
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre("plugin me: init", "plugin me: snapshot of 2 sessions, reason 0",
                          "plugin me: stop", "plugin me: destroy"));
}

TEST_F(AnInstance, IsToldWhichEventsComeAgain) {
  ASSERT_TRUE(instance_->Activate(completions_).ok());
  const StoredEvent logon = Logon(5);
  EXPECT_EQ(instance_->Deliver({logon.event, logon.line, logon.boot_id, true}), Outcome::kDone);
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: event 5 session.logon again");
  instance_->Deactivate();
}

TEST_F(AnInstance, GetsANewSnapshotForEventsThatTheLastOneDidNotHave) {
  ASSERT_TRUE(instance_->Activate(completions_).ok());
  CommitSession("1");
  instance_->Skipped(1, 1, "age");
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: snapshot of 1 sessions, reason 1");
  const size_t lines = diagnostics_.Lines().size();
  instance_->Skipped(1, 1, "boot");
  EXPECT_EQ(diagnostics_.Lines().size(), lines);
  const auto skipped = announcer_.Of(EventType::kPluginSkipped);
  ASSERT_EQ(skipped.size(), 2U);
  EXPECT_EQ(skipped.front().details, (Details{{"instance", "me"},
                                              {"id", "org.example.test"},
                                              {"from", "1"},
                                              {"to", "1"},
                                              {"reason", "age"}}));
  instance_->Deactivate();
}

TEST_F(AnInstance, PassesItsLanesTroubleOn) {
  instance_->Troubled({StatusCode::kIo, "the disk is gone"});
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: the disk is gone");
}

}  // namespace
}  // namespace broker
