// What an instance has done to sessions, and what the log is told of it.
#include "plugin_host/instance.h"
#include "plugin_host/module_trust.h"
#include "tests/unit/plugin_host/host_fixture.h"
#include "tests/unit/plugin_host/where.h"
#include "usher/ext/session.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Where;

/// Keeps what is asked for; tests say what comes of it.
class NotingActor final : public SessionActor {
 public:
  void Act(SessionAction action, SessionRef session, Done told) override {
    asked.push_back(std::string(Name(action)) + " " + std::string(session->Key()));
    done = std::move(told);
  }

  std::vector<std::string> asked;
  Done done;
};

class CountingLane final : public Completions {
 public:
  bool Complete(Seq /*seq*/, Status how) noexcept override { return how.ok(); }
  void Wake() noexcept override { ++woken; }

  int woken = 0;
};

class AnInstanceThatActsUponSessions : public testing::HostFixture,
                                       public ::testing::WithParamInterface<Where> {
 protected:
  AnInstanceThatActsUponSessions() {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    module_ = testing::Load(GetParam(), Install("acts"), copies).value();
  }

  std::string Activate(std::string_view config = "",
                       std::vector<std::string> grant = {USHER_EXT_SESSION}) {
    HostContext context = context_;
    context.actor = &actor_;
    PluginSettings settings = PluginOf("me", "acts", config);
    settings.grant = std::move(grant);
    instance_ = std::make_unique<Instance>(context, settings, module_, directory_ / "store");
    const auto activation = instance_->Activate(lane_);
    return activation.ok() ? "up" : activation.status().message();
  }

  Outcome Deliver() {
    SessionFacts facts;
    facts.id = "7";
    facts.key = "boot-7-1";
    Event event = MakeBrokerEvent(EventType::kSessionLogon, clock_.Now());
    event.seq = 5;
    event.session = std::make_shared<const Session>(facts);
    return instance_->Deliver({event, "{}", boot_id_});
  }

  const std::string boot_id_ = "boot";
  CountingLane lane_;
  NotingActor actor_;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<Instance> instance_;
};

TEST_P(AnInstanceThatActsUponSessions, HasThemLockedAndTheLogSaysSo) {
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Deliver(), Outcome::kDone);
  EXPECT_THAT(actor_.asked, ElementsAre("lock boot-7-1"));
  EXPECT_THAT(announcer_.Of(EventType::kActionDone), IsEmpty());
  actor_.done(Status());
  EXPECT_EQ(lane_.woken, 1);
  instance_->Tend();
  const auto done = announcer_.Of(EventType::kActionDone);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(*done.front().Detail("action"), "lock");
  EXPECT_EQ(*done.front().Detail("session"), "7");
  EXPECT_EQ(done.front().cause, 5U);
  instance_->Deactivate();
}

TEST_P(AnInstanceThatActsUponSessions, IsToldWhyOneCouldNotBe) {
  ASSERT_EQ(Activate("action = 3"), "up");
  EXPECT_EQ(Deliver(), Outcome::kDone);
  EXPECT_THAT(actor_.asked, ElementsAre("switch to boot-7-1"));
  actor_.done({StatusCode::kNotFound, "it is gone"});
  instance_->Tend();
  const auto failed = announcer_.Of(EventType::kActionFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(*failed.front().Detail("error"), "it is gone");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatActsUponSessions, IsRefusedAnActionThatThereIsNot) {
  ASSERT_EQ(Activate("action = 4"), "up");
  EXPECT_EQ(Deliver(), Outcome::kFailed);
  EXPECT_THAT(actor_.asked, IsEmpty());
  instance_->Deactivate();
}

TEST_P(AnInstanceThatActsUponSessions, IsRefusedUnlessThatIsGranted) {
  EXPECT_THAT(Activate("", {}), HasSubstr("grant = [\"usher.session/1\"]"));
}

TEST_P(AnInstanceThatActsUponSessions, MayEndBeforeItIsTold) {
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Deliver(), Outcome::kDone);
  instance_->Deactivate();
  actor_.done(Status());
  EXPECT_EQ(lane_.woken, 0) << "the lane may be gone by now";
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AnInstanceThatActsUponSessions,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

}  // namespace
}  // namespace broker
