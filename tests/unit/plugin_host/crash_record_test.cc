#include "plugin_host/crash_record.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "plugin_host/blame.h"
#include "tests/unit/plugin_host/host_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kBoot(32, 'b');

class ACrashRecord : public testing::HostFixture {
 protected:
  /// The record as the next broker finds it; the one before is gone without a word.
  CrashRecord& Reopen(const std::string& boot_id = kBoot) {
    record_.reset();
    auto record = CrashRecord::Open(directory_ / "record", boot_id);
    EXPECT_TRUE(record.ok()) << record.status().message();
    record_ = std::move(record).value();
    return *record_;
  }

  /// Takes a slot for an instance that is in on_event with this event; 0 = in no call.
  CallSlot& Take(const std::string& instance, Seq seq) {
    CallSlot* const slot = record_->Take(instance);
    if (seq != 0) slot->Open({PluginCall::kOnEvent, seq, 2, {}});
    return *slot;
  }

  /// Who is blamed: "INSTANCE SEQ FAULT".
  [[nodiscard]] std::vector<std::string> Blamed() const {
    std::vector<std::string> blamed;
    for (const OpenCall& call : record_->Blamed()) {
      blamed.push_back(call.instance + " " + std::to_string(call.seq) + " " +
                       std::to_string(call.fault));
    }
    return blamed;
  }

  std::unique_ptr<CrashRecord> record_;
};

TEST_F(ACrashRecord, ThatIsNewBlamesNobody) {
  EXPECT_THAT(Reopen().Blamed(), IsEmpty());
  EXPECT_THAT(Reopen().Blamed(), IsEmpty());
}

TEST_F(ACrashRecord, BlamesEverybodyWhoWasInACall) {
  Reopen();
  Take("one", 5);
  Take("two", 0);
  Take("three", 7);
  Reopen();
  EXPECT_THAT(Blamed(), ElementsAre("one 5 0", "three 7 0"));
  EXPECT_EQ(record_->Blamed().front().call, PluginCall::kOnEvent);
  EXPECT_EQ(record_->Blamed().front().chain, 2U);
}

TEST_F(ACrashRecord, BlamesTheOneThatFaultedAlone) {
  Reopen();
  Take("one", 5);
  Take("two", 6).fault = SIGSEGV;
  Reopen();
  EXPECT_THAT(Blamed(), ElementsAre("two 6 " + std::to_string(SIGSEGV)));
}

TEST_F(ACrashRecord, BlamesAnAbandonedInstanceOnlyIfItFaulted) {
  Reopen();
  CallSlot* slot = &Take("one", 5);
  slot->settled = 1;
  Reopen();
  EXPECT_THAT(Blamed(), IsEmpty());
  slot = &Take("one", 5);
  slot->settled = 1;
  slot->fault = SIGSEGV;
  Reopen();
  EXPECT_EQ(Blamed().size(), 1U);
}

TEST_F(ACrashRecord, BlamesNobodyForASignalFromOutside) {
  Reopen();
  Take("one", 5);
  record_->NoteForeignSignal(SIGABRT);
  Reopen();
  EXPECT_THAT(Blamed(), IsEmpty());
}

TEST_F(ACrashRecord, OfAnotherBootIsNotBelieved) {
  Reopen();
  Take("one", 5);
  Reopen(std::string(32, 'c'));
  EXPECT_THAT(Blamed(), IsEmpty());
  Reopen();
  EXPECT_THAT(Blamed(), IsEmpty());
}

TEST_F(ACrashRecord, KnowsNothingOfACallThatHasEnded) {
  Reopen();
  Take("one", 5).Close();
  CallSlot& slot = Take("two", 6);
  record_->GiveBack(&slot);
  Reopen();
  EXPECT_THAT(Blamed(), IsEmpty());
}

TEST_F(ACrashRecord, IsForgottenOnceWhoIsToBlameIsStruck) {
  Reopen();
  Take("one", 5).fault = SIGSEGV;
  Reopen();
  HealthStore health(*files_, directory_ / "health");
  HostContext context = context_;
  context.record = record_.get();
  context.health = &health;
  StrikeBlamed(context);
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed.front().reason, "crashed");
  EXPECT_EQ(failed.front().cause, 5U);
  EXPECT_EQ(failed.front().chain, 3U);
  EXPECT_EQ(failed.front().details, (Details{{"instance", "one"},
                                             {"call", "on_event"},
                                             {"seq", "5"},
                                             {"fault", "SIGSEGV"},
                                             {"error", "SIGSEGV in on_event() with event 5"},
                                             {"strikes", "1"}}));
  EXPECT_EQ(health.Load("one").value().Failures(5), 1U);
  Reopen();
  EXPECT_THAT(Blamed(), IsEmpty());
}

class ACrashThatCannotBeNoted : public ACrashRecord {
 protected:
  ACrashThatCannotBeNoted() {
    Reopen();
    Take("one", 5).fault = SIGSEGV;
    Take("two", 6);
    memory_.failure = {StatusCode::kUnavailable, "the disk is full"};
    StartAnew();
  }

  /// As the next broker begins.
  void StartAnew() {
    health_ = std::make_unique<HealthStore>(memory_, "health");
    HostContext context = context_;
    context.record = &Reopen();
    context.health = health_.get();
    StrikeBlamed(context);
  }

  testing::MemoryFiles memory_;
  std::unique_ptr<HealthStore> health_;
};

TEST_F(ACrashThatCannotBeNoted, CountsNowAndIsNotedByTheNextBroker) {
  EXPECT_EQ(health_->Load("one")->strikes.size(), 1U);
  memory_.failure = {};
  clock_.realtime_us += 60'000'000;
  record_->NoteForeignSignal(SIGABRT);  // Which has nothing to do with it.
  StartAnew();
  const Health health = HealthStore(memory_, "health").Load("one").value();
  ASSERT_EQ(health.strikes.size(), 1U);
  EXPECT_EQ(health.strikes.front().time_us, clock_.realtime_us - 60'000'000) << "when it was told";
  EXPECT_EQ(announcer_.Of(EventType::kPluginFailed).size(), 1U) << "it was told once";
  StartAnew();
  EXPECT_EQ(HealthStore(memory_, "health").Load("one")->strikes.size(), 1U);
  EXPECT_THAT(Blamed(), IsEmpty());
}

TEST_F(ACrashThatCannotBeNoted, IsToldOfThoughWhatIsKnownCannotBeRead) {
  memory_.files["health/three"] = "rubbish";
  Take("three", 8).fault = SIGABRT;
  const size_t before = announcer_.Of(EventType::kPluginFailed).size();
  StartAnew();
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), before + 1);
  EXPECT_EQ(*failed.back().Detail("instance"), "three");
  EXPECT_EQ(failed.back().Detail("strikes"), nullptr) << "nobody knows";
  StartAnew();
  EXPECT_EQ(announcer_.Of(EventType::kPluginFailed).size(), before + 1);
}

TEST_F(ACrashThatCannotBeNoted, IsKeptBesideTheNextCrash) {
  Take("three", 8).fault = SIGABRT;
  StartAnew();
  EXPECT_THAT(Blamed(), ElementsAre("one 5 11", "three 8 6"));
}

TEST_F(ACrashThatCannotBeNoted, IsNotNotedTwiceWhereItWasMeanwhile) {
  memory_.failure = {};
  ASSERT_TRUE(health_->SaveAgain("one").ok());
  StartAnew();
  EXPECT_EQ(health_->Load("one")->strikes.size(), 1U);
}

TEST_F(ACrashThatCannotBeNoted, IsForgottenWithARelease) {
  memory_.failure = {};
  record_->Forgive("one");
  StartAnew();
  EXPECT_EQ(health_->Load("one").value(), Health());
}

TEST_F(ACrashThatCannotBeNoted, IsNotForgottenWithAnothersRelease) {
  memory_.failure = {};
  record_->Forgive("two");
  StartAnew();
  EXPECT_EQ(health_->Load("one")->strikes.size(), 1U);
}

TEST_F(ACrashRecord, QuarantinesOnceWithTheThirdStrike) {
  HealthStore health(*files_, directory_ / "health");
  ASSERT_TRUE(cursors_.Save("one", 3).ok());
  for (int crash = 0; crash < 4; ++crash) {
    EXPECT_EQ(announcer_.Of(EventType::kPluginQuarantined).size(), crash < 3 ? 0U : 1U);
    Reopen();
    Take("one", 5);
    Reopen();
    HostContext context = context_;
    context.record = record_.get();
    context.health = &health;
    StrikeBlamed(context);
  }
  EXPECT_EQ(announcer_.Of(EventType::kPluginQuarantined).size(), 1U);
  EXPECT_NE(health.Load("one").value().quarantined_us, 0);
  EXPECT_EQ(cursors_.Load("one").value(), (StoredCursor{3, "quarantined"}));
}

}  // namespace
}  // namespace broker
