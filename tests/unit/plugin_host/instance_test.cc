#include "plugin_host/instance.h"

#include <mutex>
#include <set>

#include "eventlog/stored_event.h"
#include "plugin_host/module_trust.h"
#include "tests/support/wait.h"
#include "tests/unit/plugin_host/host_fixture.h"
#include "tests/unit/plugin_host/where.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::Load;
using ::testing::UnorderedElementsAre;
using testing::Where;

/// Keeps what a plugin completes: "SEQ" or "SEQ: ERROR". Takes each number once.
class NotingCompletions final : public Completions {
 public:
  bool Complete(Seq seq, Status how) noexcept override {
    const std::lock_guard lock(mutex_);
    if (!seen_.insert(seq).second) return false;
    notes_.push_back(std::to_string(seq) + (how.ok() ? "" : ": " + how.message()));
    return true;
  }
  [[nodiscard]] std::vector<std::string> Notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

 private:
  std::mutex mutex_;
  std::set<Seq> seen_;
  std::vector<std::string> notes_;
};

/// An instance, driven as its lane would.
class AnInstance : public testing::HostFixture, public ::testing::WithParamInterface<Where> {
 protected:
  AnInstance() { Use("good"); }

  void Use(const std::string& plugin) {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    auto module = Load(GetParam(), Install(plugin), copies);
    EXPECT_TRUE(module.ok()) << module.status().message();
    instance_ = std::make_unique<Instance>(context_, PluginOf("me", plugin),
                                           std::move(module).value(), directory_ / "store");
  }

  void Activate() {
    const auto activation = instance_->Activate(completions_);
    ASSERT_TRUE(activation.ok()) << activation.status().message();
  }

  Outcome Deliver(const Event& event, bool redelivered = false) {
    return instance_->Deliver({event, "{}", boot_id_, redelivered});
  }

  static Event EventOf(EventType type, Seq seq, Details details = {}) {
    Event event = MakeBrokerEvent(type, {}, std::move(details));
    event.seq = seq;
    return event;
  }
  static Event Logon(Seq seq) { return EventOf(EventType::kSessionLogon, seq); }

  const std::string boot_id_ = "boot";
  NotingCompletions completions_;
  std::unique_ptr<Instance> instance_;
};

TEST_P(AnInstance, SaysUpToWhereItsSnapshotGoes) {
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

TEST_P(AnInstance, IsToldWhichEventsComeAgain) {
  Activate();
  EXPECT_EQ(Deliver(Logon(5), true), Outcome::kDone);
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: event 5 session.logon again");
  instance_->Deactivate();
}

TEST_P(AnInstance, GetsANewSnapshotForEventsThatTheLastOneDidNotHave) {
  Activate();
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

TEST_P(AnInstance, MayLeaveAnEventOpenAndEndItFromAThread) {
  Use("pending");
  Activate();
  EXPECT_EQ(Deliver(Logon(5)), Outcome::kPending);
  EXPECT_EQ(Deliver(Logon(6)), Outcome::kPending);
  EXPECT_TRUE(Eventually([this] { return completions_.Notes().size() == 2; }));
  instance_->Deactivate();
  EXPECT_THAT(completions_.Notes(), UnorderedElementsAre("5", "6"));
  EXPECT_TRUE(announcer_.Events().empty());
}

TEST_P(AnInstance, MayAskForAnotherTry) {
  Use("retries");
  Activate();
  EXPECT_EQ(Deliver(Logon(5)), Outcome::kRetry);
  EXPECT_TRUE(announcer_.Events().empty());
  instance_->Deactivate();
}

TEST_P(AnInstance, IsToldWhatItCannotComplete) {
  Use("completes_badly");
  Activate();
  EXPECT_EQ(Deliver(Logon(5)), Outcome::kPending);
  instance_->Deactivate();
  EXPECT_THAT(
      diagnostics_.Lines(),
      ElementsAre("plugin me: the next one: 0", "plugin me: none: 0",
                  "plugin me: without an end: -2", "plugin me: once: 0", "plugin me: twice: -3",
                  "plugin me: long ago: 0", "plugin me: in stop: -8", "plugin me: in destroy: -8"))
      << "these completions take any number once";
  EXPECT_THAT(misuse_.Notes(),
              ElementsAre("called complete() with a positive status, which ends nothing",
                          "called complete() for event 5, which was not open",
                          "called complete() after stop() had returned"));
}

TEST_P(AnInstance, NamesTheEventThatItFailedWith) {
  Use("fails");
  Activate();
  Event logon = Logon(5);
  logon.chain = 2;
  EXPECT_EQ(Deliver(logon), Outcome::kFailed);
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed.front().cause, 5U);
  EXPECT_EQ(failed.front().chain, 3U);
  instance_->Deactivate();
}

TEST_P(AnInstance, IsStruckForAnEventThatFailedLater) {
  Activate();
  for (const Seq seq : {5U, 6U, 7U}) {
    EXPECT_FALSE(instance_->Exhausted());
    instance_->Failed(seq, 1, {StatusCode::kInternal, "no coffee"});
  }
  EXPECT_TRUE(instance_->Exhausted());
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 3U);
  EXPECT_EQ(failed.front().cause, 5U);
  EXPECT_EQ(failed.front().chain, 2U);
  EXPECT_EQ(failed.front().details, (Details{{"instance", "me"},
                                             {"id", "org.example.test"},
                                             {"call", "on_event"},
                                             {"seq", "5"},
                                             {"error", "no coffee"},
                                             {"strikes", "1"}}));
  const auto quarantined = announcer_.Of(EventType::kPluginQuarantined);
  ASSERT_EQ(quarantined.size(), 1U);
  EXPECT_EQ(quarantined.front().cause, 7U);
  EXPECT_EQ(quarantined.front().chain, 2U);
  instance_->Deactivate();
}

TEST_P(AnInstance, NeverGetsWhatItCausedItself) {
  Activate();
  const size_t before = diagnostics_.Lines().size();
  for (const EventType type : {EventType::kPluginFailed, EventType::kSuppressed}) {
    EXPECT_EQ(Deliver(EventOf(type, 5, {{"instance", "me"}})), Outcome::kDone);
  }
  Event own = EventOf(EventType::kUnknown, 6, {{"instance", "me"}});
  own.origin = Origin::kPlugin;
  EXPECT_EQ(Deliver(own), Outcome::kDone);
  EXPECT_EQ(diagnostics_.Lines().size(), before);
  EXPECT_EQ(Deliver(EventOf(EventType::kPluginFailed, 7, {{"instance", "other"}})), Outcome::kDone);
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: event 7 plugin.failed");
  instance_->Deactivate();
}

TEST_P(AnInstance, GetsWhatItCausedItselfIfItAsksForIt) {
  Use("own_events");
  Activate();
  EXPECT_EQ(Deliver(EventOf(EventType::kPluginFailed, 5, {{"instance", "me"}})), Outcome::kDone);
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: event 5 plugin.failed");
  instance_->Deactivate();
}

TEST_P(AnInstance, EndsAChainOfEventsThatAnswerEachOther) {
  Use("fails");
  Activate();
  Event event = EventOf(EventType::kPluginFailed, 5, {{"instance", "other"}});
  event.chain = kMaxChain - 1;
  EXPECT_EQ(Deliver(event), Outcome::kFailed);
  event.chain = kMaxChain;
  EXPECT_EQ(Deliver(event), Outcome::kFailed);
  ASSERT_EQ(announcer_.Of(EventType::kPluginFailed).size(), 1U);
  EXPECT_EQ(announcer_.Of(EventType::kPluginFailed).front().chain, kMaxChain);
  instance_->Deactivate();
  const auto suppressed = announcer_.Of(EventType::kSuppressed);
  ASSERT_EQ(suppressed.size(), 1U);
  EXPECT_EQ(suppressed.front().details,
            (Details{{"instance", "me"}, {"type", "plugin.failed"}, {"count", "1"}}));
}

TEST_P(AnInstance, TellsWhatWasSuppressedWhenTheMinuteIsOver) {
  constexpr auto kNever = Condition::TimePoint::max();
  Activate();
  EXPECT_EQ(instance_->Tend(), kNever);
  for (Seq seq = 1; seq <= 70; ++seq) instance_->Skipped(seq, seq, "lost");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_GE(instance_->Tend(), before + std::chrono::minutes(1));
  EXPECT_TRUE(announcer_.Of(EventType::kSuppressed).empty());
  clock_.monotonic_us += 60'000'000;
  EXPECT_EQ(instance_->Tend(), kNever);
  const auto suppressed = announcer_.Of(EventType::kSuppressed);
  ASSERT_EQ(suppressed.size(), 1U);
  EXPECT_EQ(*suppressed.front().Detail("count"), "10");
  instance_->Deactivate();
  EXPECT_EQ(announcer_.Of(EventType::kSuppressed).size(), 1U);
}

TEST_P(AnInstance, TellsWhatWasSuppressedAtItsEnd) {
  Activate();
  for (Seq seq = 1; seq <= 61; ++seq) instance_->Skipped(seq, seq, "lost");
  instance_->Deactivate();
  EXPECT_EQ(announcer_.Of(EventType::kSuppressed).size(), 1U);
}

TEST_P(AnInstance, PassesItsLanesTroubleOn) {
  instance_->Troubled({StatusCode::kIo, "the disk is gone"});
  EXPECT_EQ(diagnostics_.Lines().back(), "plugin me: the disk is gone");
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AnInstance, ::testing::Values(Where::kHere, Where::kInAChild),
                         testing::NameOf);

}  // namespace
}  // namespace broker
