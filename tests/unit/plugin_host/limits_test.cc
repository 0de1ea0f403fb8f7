#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin_host/announce_limit.h"
#include "plugin_host/health.h"
#include "tests/support/asleep.h"
#include "tests/support/wait.h"
#include "tests/unit/plugin_host/fakes.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::IsAsleep;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kMinute = 60'000'000;

Strike At(int64_t time_us, Seq seq = 0) {
  return {time_us, PluginCall::kOnEvent, seq};
}

TEST(Strikes, CountOnlyWithinTheWindow) {
  Health health;
  EXPECT_EQ(health.Add(At(20 * kMinute), ""), 1U);
  EXPECT_EQ(health.Add(At(25 * kMinute), ""), 2U);
  EXPECT_EQ(health.Add(At(30 * kMinute), ""), 2U);
  EXPECT_EQ(health.quarantined_us, 0);
  EXPECT_EQ(health.Add(At(34 * kMinute), ""), 3U);
  EXPECT_EQ(health.quarantined_us, 34 * kMinute);
  EXPECT_EQ(health.Add(At(35 * kMinute), "why"), 3U);
  EXPECT_EQ(health.quarantined_us, 34 * kMinute);
  EXPECT_EQ(health.last_error, "why");
  EXPECT_EQ(health.Count(60 * kMinute), 0U);
  EXPECT_EQ(health.Count(10 * kMinute), 0U) << "the clock was set back by more than the window";
  EXPECT_EQ(health.Count(21 * kMinute), 3U) << "and by less";
}

TEST(Strikes, AreForgottenWhereThereAreVeryMany) {
  Health health;
  for (Seq seq = 1; seq <= 1000; ++seq) health.Add(At(kMinute, seq), "");
  EXPECT_LE(health.strikes.size(), 100U);
  EXPECT_EQ(health.strikes.back().seq, 1000U);
}

TEST(AnEvent, HasFailedAsOftenAsThereAreStrikesForIt) {
  Health health;
  health.Add(At(1, 7), "");
  health.Add(At(kMinute * 100, 8), "");
  health.Add({kMinute * 100, PluginCall::kTimer, 7}, "");
  EXPECT_EQ(health.Failures(7), 1U);
  health.Add(At(kMinute * 200, 7), "");
  EXPECT_EQ(health.Failures(7), 2U);
}

Status Save(HealthStore& store, const Health& health) {
  return store.Update("me", [&health](Health& known) { known = health; });
}

TEST(TheHealthOfAnInstance, IsReadAsItWasWritten) {
  testing::MemoryFiles files;
  HealthStore store(files, "health");
  EXPECT_EQ(store.Load("me").value(), Health());
  Health health;
  for (Seq seq = 1; seq <= 3; ++seq) health.Add(At(1'700'000'000'000'000, seq), "line 1\nline 2");
  ASSERT_TRUE(Save(store, health).ok());
  EXPECT_EQ(store.Load("me").value(), health);
  EXPECT_EQ(store.Load("you").value(), Health());
  ASSERT_TRUE(Save(store, {}).ok());
  EXPECT_EQ(store.Load("me").value(), Health());
}

TEST(TheHealthOfAnInstance, CountsAlsoWhileItCannotBeWritten) {
  testing::MemoryFiles files;
  HealthStore store(files, "health");
  const auto strike = [&store](Seq seq) {
    return store.Update("me", [seq](Health& health) { health.Add(At(kMinute, seq), "why"); });
  };
  EXPECT_TRUE(strike(1).ok());
  files.failure = {StatusCode::kUnavailable, "the disk is full"};
  EXPECT_EQ(strike(2).code(), StatusCode::kUnavailable);
  EXPECT_EQ(store.SaveAgain("me").code(), StatusCode::kUnavailable);
  EXPECT_EQ(strike(3).code(), StatusCode::kUnavailable);
  EXPECT_EQ(store.Load("me")->strikes.size(), 3U);
  EXPECT_EQ(HealthStore(files, "health").Load("me")->strikes.size(), 1U);
  files.failure = {};
  EXPECT_TRUE(store.SaveAgain("you").ok());
  EXPECT_TRUE(store.SaveAgain("me").ok());
  EXPECT_EQ(HealthStore(files, "health").Load("me").value(), store.Load("me").value());
  files.files.clear();
  EXPECT_TRUE(store.SaveAgain("me").ok()) << "it is written once";
  EXPECT_EQ(store.Load("me").value(), Health()) << "what somebody has removed is forgotten";
}

/// Files between whose first reading and what comes of it something else happens.
class DisturbedFiles final : public testing::MemoryFiles {
 public:
  explicit DisturbedFiles(std::function<void()> disturb) : disturb_(std::move(disturb)) {}

  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override {
    auto text = MemoryFiles::ReadAll(path, limit);
    if (const auto disturb = std::exchange(disturb_, nullptr)) disturb();
    return text;
  }

 private:
  std::function<void()> disturb_;
};

TEST(TheHealthOfAnInstance, LosesNothingOfTwoWhoChangeIt) {
  std::atomic<pid_t> second = 0;
  std::atomic<bool> done = false;
  std::function<void()> change;
  std::thread other;
  DisturbedFiles files([&] {
    other = std::thread([&] { change(); });
    EXPECT_TRUE(Eventually([&] { return done || (second != 0 && IsAsleep(second)); }));
  });
  HealthStore store(files, "health");
  change = [&] {
    second = ::gettid();
    EXPECT_TRUE(store.Update("me", [](Health& health) { health.disabled_us = 5; }).ok());
    done = true;
  };
  EXPECT_TRUE(store.Update("me", [](Health& health) { health.Add(At(kMinute, 7), ""); }).ok());
  other.join();
  EXPECT_EQ(store.Load("me")->disabled_us, 5);
  EXPECT_EQ(store.Load("me")->strikes.size(), 1U);
}

TEST(TheHealthOfAnInstance, ThatCannotBeUnderstoodIsReplacedByWhatComesNext) {
  testing::MemoryFiles files;
  HealthStore store(files, "health");
  files.files["health/me"] = "rubbish";
  ASSERT_TRUE(store.Update("me", [](Health& health) { health.disabled_us = 7; }).ok());
  EXPECT_EQ(store.Load("me")->disabled_us, 7);
}

TEST(TheHealthOfAnInstance, ThatCannotBeReadIsNotForgotten) {
  testing::MemoryFiles files;
  const auto strike = [](Health& health) { health.Add(At(kMinute, 2), "why"); };
  ASSERT_TRUE(HealthStore(files, "health").Update("me", strike).ok());
  HealthStore store(files, "health");
  files.read_failure = {StatusCode::kUnavailable, "too many open files"};
  EXPECT_EQ(store.Update("me", strike).code(), StatusCode::kUnavailable) << "never read yet";
  files.read_failure = {};
  EXPECT_EQ(store.Load("me")->strikes.size(), 1U);
  files.read_failure = {StatusCode::kUnavailable, "too many open files"};
  EXPECT_TRUE(store.Update("me", strike).ok());
  EXPECT_EQ(store.Load("me")->strikes.size(), 2U);
  files.read_failure = {};
  EXPECT_EQ(HealthStore(files, "health").Load("me")->strikes.size(), 2U);
}

TEST(TheHealthOfAnInstance, ThatIsDamagedIsNotBelieved) {
  testing::MemoryFiles files;
  HealthStore store(files, "health");
  const std::string time = "2026-05-04T08:00:12.123456Z";
  for (const std::string& text :
       {std::string("strike yesterday on_event 1\n"), "strike " + time + " on_fire 1\n",
        "strike " + time + " on_event x\n", "strike " + time + " on_event\n",
        "stroke " + time + " on_event 1\n", "quarantined " + time + " 1\n"}) {
    files.files["health/me"] = text;
    EXPECT_EQ(store.Load("me").status().code(), StatusCode::kCorrupt) << text;
  }
}

class AnAnnounceLimit : public ::testing::Test {
 protected:
  void Announce(EventType type, int64_t monotonic_us, uint32_t chain = 0) {
    Event event = MakeBrokerEvent(type, {0, monotonic_us});
    event.chain = chain;
    limit_.Announce(std::move(event));
  }

  /// The `suppressed` events, as "TYPE COUNT".
  [[nodiscard]] std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const Event& event : announcer_.Of(EventType::kSuppressed)) {
      EXPECT_EQ(*event.Detail("instance"), "me");
      told.push_back(*event.Detail("type") + " " + *event.Detail("count"));
    }
    return told;
  }

  testing::NotingAnnouncer announcer_;
  AnnounceLimit limit_{announcer_, "me"};
};

TEST_F(AnAnnounceLimit, LetsSixtyAMinutePassAndTellsHowManyItDidNot) {
  for (int i = 0; i < 100; ++i) Announce(EventType::kPluginFailed, i);
  EXPECT_EQ(announcer_.Events().size(), 60U);
  Announce(EventType::kPluginFailed, kMinute);
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 40"));
  EXPECT_EQ(announcer_.Events().size(), 62U);
  EXPECT_EQ(announcer_.Events().back().type, EventType::kPluginFailed);
}

TEST_F(AnAnnounceLimit, CountsEachTypeByItself) {
  for (int i = 0; i < 100; ++i) Announce(EventType::kPluginFailed, i);
  Announce(EventType::kPluginQuarantined, 100);
  EXPECT_EQ(announcer_.Events().back().type, EventType::kPluginQuarantined);
}

TEST_F(AnAnnounceLimit, SaysNothingWhereNothingWasSuppressed) {
  for (int i = 0; i < 200; ++i) Announce(EventType::kPluginFailed, i * kMinute / 50);
  EXPECT_EQ(limit_.TellAt(), std::nullopt);
  limit_.TellAll({0, 5 * kMinute});
  EXPECT_EQ(announcer_.Events().size(), 200U);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(AnAnnounceLimit, TellsALastBurstWhenItsMinuteIsOver) {
  for (int i = 0; i < 61; ++i) Announce(EventType::kPluginFailed, 100);
  for (int i = 0; i < 62; ++i) Announce(EventType::kPluginSkipped, 500);
  EXPECT_EQ(limit_.TellAt(), 100 + kMinute);
  limit_.Tell({0, 99 + kMinute});
  EXPECT_THAT(Told(), IsEmpty());
  limit_.Tell({0, 100 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 1"));
  EXPECT_EQ(limit_.TellAt(), 500 + kMinute);
  limit_.Tell({0, 500 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 1", "plugin.skipped 2"));
  EXPECT_EQ(limit_.TellAt(), std::nullopt);
  limit_.Tell({0, 9 * kMinute});
  EXPECT_EQ(Told().size(), 2U);
}

class ManySkips : public AnAnnounceLimit {
 protected:
  void Skip(Seq from, Seq to, const std::string& reason) {
    limit_.Announce(MakeBrokerEvent(EventType::kPluginSkipped, {0, 100},
                                    {{"instance", "me"},
                                     {"from", std::to_string(from)},
                                     {"to", std::to_string(to)},
                                     {"reason", reason}}));
  }
  void SkipSixty() {
    for (Seq seq = 1; seq <= 60; ++seq) Skip(2 * seq, 2 * seq, "lost");
  }
};

TEST_F(ManySkips, AreToldAsAWholeAndTheirEventsExactly) {
  SkipSixty();
  Skip(200, 201, "lost");
  Skip(210, 219, "lost");
  Skip(300, 300, "lost");
  limit_.Tell({0, 100 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.skipped 3"));
  const std::vector<Event> skips = announcer_.Of(EventType::kPluginSkipped);
  ASSERT_EQ(skips.size(), 61U);
  const Details whole{{"instance", "me"}, {"from", "200"}, {"to", "300"},
                      {"reason", "lost"}, {"ranges", "3"}, {"events", "13"}};
  EXPECT_EQ(skips.back().details, whole);
  EXPECT_EQ(skips.back().time, (Timestamp{0, 100 + kMinute}));
}

TEST_F(ManySkips, OfSeveralReasonsSaySo) {
  SkipSixty();
  Skip(200, 201, "lost");
  Skip(210, 219, "retention");
  Skip(220, 221, "lost");
  limit_.TellAll({0, 200});
  const Event whole = announcer_.Of(EventType::kPluginSkipped).back();
  EXPECT_EQ(*whole.Detail("reason"), "several");
  EXPECT_EQ(*whole.Detail("events"), "14");
}

TEST_F(ManySkips, AreToldOnce) {
  SkipSixty();
  Skip(200, 201, "lost");
  limit_.TellAll({0, 200});
  limit_.TellAll({0, 300});
  EXPECT_EQ(announcer_.Of(EventType::kPluginSkipped).size(), 61U);
  Skip(202, 202, "lost");
  limit_.TellAll({0, 400});
  EXPECT_EQ(*announcer_.Of(EventType::kPluginSkipped).back().Detail("ranges"), "1");
}

TEST_F(AnAnnounceLimit, TellsAllAtTheEnd) {
  for (int i = 0; i < 61; ++i) Announce(EventType::kPluginSkipped, i);
  for (int i = 0; i < 62; ++i) Announce(EventType::kPluginFailed, i);
  limit_.TellAll({77, 100});
  EXPECT_THAT(Told(), UnorderedElementsAre("plugin.skipped 1", "plugin.failed 2"));
  EXPECT_EQ(announcer_.Events().back().time, (Timestamp{77, 100}));
}

TEST_F(AnAnnounceLimit, MakesNoEventWhoseChainIsTooLongButCountsIt) {
  Announce(EventType::kPluginFailed, 5, 9);
  EXPECT_THAT(announcer_.Events(), IsEmpty());
  EXPECT_EQ(limit_.TellAt(), 5 + kMinute);
  Announce(EventType::kPluginFailed, 6, 8);
  ASSERT_EQ(announcer_.Events().size(), 1U);
  EXPECT_EQ(announcer_.Events().front().chain, 8U);
  limit_.Tell({0, 5 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 1"));
}

}  // namespace
}  // namespace broker
