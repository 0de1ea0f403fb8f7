// Programs that an instance has run: what it may ask for, and what it and the log are told.
#include "plugin_host/config_check.h"
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

/// Keeps what is asked for; tests say what comes of it.
class ScriptedRunner final : public Runner {
 public:
  RunId Start(RunOrder order, std::shared_ptr<RunListener> told) override {
    orders.push_back(std::move(order));
    listener = std::move(told);
    return orders.size();
  }
  void Cancel(RunId run) noexcept override { cancelled.push_back(run); }

  std::vector<RunOrder> orders;
  std::vector<RunId> cancelled;
  std::shared_ptr<RunListener> listener;
};

class NotingLane final : public Completions {
 public:
  bool Complete(Seq seq, Status how) noexcept override {
    completed.push_back(seq);
    return how.ok();
  }
  void Wake() noexcept override { ++woken; }

  std::vector<Seq> completed;
  int woken = 0;
};

class AnInstanceThatRunsPrograms : public testing::HostFixture,
                                   public ::testing::WithParamInterface<Where> {
 protected:
  AnInstanceThatRunsPrograms() {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    module_ = testing::Load(GetParam(), Install("runs"), copies).value();
  }

  std::string Activate(std::string_view config = "",
                       std::vector<std::string> grant = {USHER_EXT_RUN}) {
    HostContext context = context_;
    context.runner = &runner_;
    PluginSettings settings = PluginOf("me", "runs", config);
    settings.grant = std::move(grant);
    instance_ = std::make_unique<Instance>(context, settings, module_, directory_ / "store");
    const auto activation = instance_->Activate(lane_);
    return activation.ok() ? "up" : activation.status().message();
  }

  Outcome Deliver(Seq seq, const std::string& session = "") {
    Event event = MakeBrokerEvent(EventType::kSessionLogoff, clock_.Now());
    event.seq = seq;
    event.chain = 2;
    if (!session.empty()) event.session = std::make_shared<const Session>(SessionWithId(session));
    return instance_->Deliver({event, "{}", boot_id_});
  }

  [[nodiscard]] std::string Detail(EventType type, std::string_view key) const {
    const auto events = announcer_.Of(type);
    if (events.empty()) return "no such event";
    const std::string* value = events.back().Detail(key);
    return value == nullptr ? "no such detail" : *value;
  }

  const std::string boot_id_ = "boot";
  NotingLane lane_;
  ScriptedRunner runner_;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<Instance> instance_;
};

TEST_P(AnInstanceThatRunsPrograms, IsToldHowTheyEnded) {
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  ASSERT_EQ(runner_.orders.size(), 1U);
  const RunOrder& order = runner_.orders.front();
  EXPECT_EQ(order.program, "/bin/true");
  EXPECT_THAT(order.arguments, ElementsAre("one", "two"));
  EXPECT_THAT(order.variables, ElementsAre(std::pair("SEQ", "5")));
  EXPECT_EQ(order.input, "{}");
  EXPECT_EQ(order.time_limit, std::chrono::seconds(30));
  runner_.listener->Started(1, 77);
  RunEnd end = EndOfProgram(RunEndKind::kExited, 3);
  end.output = std::string("a\0b", 3);
  end.dropped = 9;
  runner_.listener->Ended(1, std::move(end));
  EXPECT_EQ(lane_.woken, 2);
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty()) << "not before it is tended";
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre(HasSubstr("run for 5: 0 3 it exited with code 3, output a")));
  EXPECT_THAT(lane_.completed, ElementsAre(5U));
  EXPECT_EQ(Detail(EventType::kRunStarted, "pid"), "77");
  EXPECT_EQ(Detail(EventType::kRunEnded, "result"), "exited");
  EXPECT_EQ(Detail(EventType::kRunEnded, "code"), "3");
  EXPECT_EQ(Detail(EventType::kRunEnded, "output_dropped"), "9 bytes more were dropped");
  const Event ended = announcer_.Of(EventType::kRunEnded).back();
  EXPECT_EQ(ended.cause, 5U);
  EXPECT_EQ(ended.chain, 3U);
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, IsToldBeforeItsNextEvent) {
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  runner_.listener->Ended(1, EndOfProgram(RunEndKind::kTimedOut, 0));
  EXPECT_EQ(Deliver(6), Outcome::kPending);
  EXPECT_THAT(lane_.completed, ElementsAre(5U));
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, IsToldWhyOneWasNotStarted) {
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  runner_.listener->Ended(1, NotStarted("policy", "stat", 13, "it is not trusted"));
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre(HasSubstr("run for 5: 3 13 it is not trusted")));
  EXPECT_EQ(Detail(EventType::kRunFailed, "stage"), "policy");
  EXPECT_EQ(Detail(EventType::kRunFailed, "call"), "stat");
  EXPECT_EQ(Detail(EventType::kRunFailed, "error"), "it is not trusted");
  EXPECT_THAT(announcer_.Of(EventType::kRunEnded), IsEmpty());
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, HearsNothingOfThoseThatItCancels) {
  ASSERT_EQ(Activate("cancels = true"), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  EXPECT_THAT(runner_.cancelled, ElementsAre(1U));
  runner_.listener->Ended(1, EndOfProgram(RunEndKind::kCancelled, 0));
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty());
  EXPECT_EQ(Detail(EventType::kRunEnded, "result"), "cancelled");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, TakesThemWithItWhenItStops) {
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  instance_->Deactivate();
  EXPECT_THAT(runner_.cancelled, ElementsAre(1U));
  EXPECT_EQ(Detail(EventType::kRunEnded, "result"), "cancelled");
  runner_.listener->Ended(1, EndOfProgram(RunEndKind::kCancelled, 0));
  EXPECT_EQ(lane_.woken, 0) << "the lane may be gone by now";
  EXPECT_THAT(lane_.completed, IsEmpty());
}

TEST_P(AnInstanceThatRunsPrograms, IsStruckForACallbackThatFails) {
  ASSERT_EQ(Activate("throws = true"), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  runner_.listener->Ended(1, EndOfProgram(RunEndKind::kExited, 0));
  instance_->Tend();
  EXPECT_EQ(Detail(EventType::kPluginFailed, "call"), "run");
  EXPECT_EQ(Detail(EventType::kPluginFailed, "seq"), "5");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, MayNameTheSessionOfItsEventAlsoWhenThatIsGone) {
  ASSERT_EQ(Activate("session = '7'"), "up");
  EXPECT_EQ(Deliver(5, "7"), Outcome::kPending);
  ASSERT_EQ(runner_.orders.size(), 1U);
  EXPECT_EQ(runner_.orders.front().session->Id(), "7");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, MayNameOneThatThereIs) {
  CommitSession("7");
  ASSERT_EQ(Activate("session = '7'"), "up");
  EXPECT_EQ(Deliver(5), Outcome::kPending);
  ASSERT_EQ(runner_.orders.size(), 1U);
  EXPECT_EQ(runner_.orders.front().session->Id(), "7");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, MayNotNameOneThatThereIsNot) {
  ASSERT_EQ(Activate("session = '7'"), "up");
  EXPECT_EQ(Deliver(5, "8"), Outcome::kFailed);
  EXPECT_THAT(diagnostics_.Lines().back(), HasSubstr("there is no session '7'"));
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, IsRefusedARelativePath) {
  ASSERT_EQ(Activate("program = 'true'"), "up");
  EXPECT_EQ(Deliver(5), Outcome::kFailed);
  EXPECT_THAT(diagnostics_.Lines().back(), HasSubstr("a program is an absolute path"));
  EXPECT_THAT(runner_.orders, IsEmpty());
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, HasABoundOnThem) {
  ASSERT_EQ(Activate(), "up");
  for (Seq seq = 1; seq <= USHER_RUN_MAX_RUNS; ++seq) {
    EXPECT_EQ(Deliver(seq), Outcome::kPending);
  }
  EXPECT_EQ(Deliver(100), Outcome::kFailed);
  EXPECT_THAT(diagnostics_.Lines().back(), HasSubstr("there are 32 runs already"));
  instance_->Deactivate();
}

TEST_P(AnInstanceThatRunsPrograms, IsRefusedUnlessThatIsGranted) {
  EXPECT_EQ(Activate("", {}),
            "usher.toml:1:1: plugins.me.grant: the plugin org.example.runs requires the extension "
            "'usher.run/1', which nobody has unless it is granted: grant = [\"usher.run/1\"], or "
            "disable the plugin");
}

TEST_P(AnInstanceThatRunsPrograms, CannotBeGrantedWhatThereIsNot) {
  EXPECT_EQ(Activate("", {"usher.runs/1"}),
            "usher.toml:1:1: plugins.me.grant: this broker has no extension 'usher.runs/1'; did "
            "you mean 'usher.run/1'?");
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AnInstanceThatRunsPrograms,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

}  // namespace
}  // namespace broker
