#include "platform/simulated/session_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "event/utc.h"
#include "tests/unit/platform/simulated/reports.h"

namespace broker {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNoon;
using testing::Reports;

class Sentences final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view text) noexcept override { said += text; }
  std::string said;
};

constexpr auto* kAliceLocks = R"(
start = "2026-01-05T07:55:00Z"
[[step]]
at = "08:00:00"
do = "logon"
user = "alice"
[[step]]
at = "09:00:00"
do = "lock"
session = "alice"
)";

struct AScenarioSource : ::testing::Test {
  std::unique_ptr<ScenarioSource> Make(const std::string& text, double pace = 0) {
    LoadedScenario loaded = ParseScenario(text, "s.toml");
    EXPECT_THAT(loaded.errors, IsEmpty());
    return std::make_unique<ScenarioSource>(std::move(loaded.scenario), pace, sentences);
  }

  Sentences sentences;
  Reports reports;
};

TEST_F(AScenarioSource, PlaysEveryStepAndEnds) {
  const auto source = Make(kAliceLocks);
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(6));
  source->Stop();
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start", "session 1 opening in front",
                                          "seat seat0 1", "session 1 active in front",
                                          "session 1 active in front locked yes", "end"));
  EXPECT_EQ(sentences.said, "");
}

TEST_F(AScenarioSource, StampsItsReportsWithTheScenariosTime) {
  const auto source = Make(kAliceLocks);
  EXPECT_EQ(FormatUtc(source->SourceClock().Now().realtime_us), "2026-01-05T07:55:00.000000Z");
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(6));
  source->Stop();
  const std::vector<RawEvent> told = reports.TakeAll();
  EXPECT_EQ(FormatUtc(told[1].time.realtime_us), "2026-01-05T08:00:00.000000Z");
  EXPECT_EQ(FormatUtc(told[4].time.realtime_us), "2026-01-05T09:00:00.000000Z");
  EXPECT_EQ(told[4].time.monotonic_us - told[1].time.monotonic_us, 3600000000);
  EXPECT_EQ(source->SourceClock().Now(), told[5].time);
}

TEST_F(AScenarioSource, WaitsForItsListeners) {
  const auto source = Make(kAliceLocks);
  ASSERT_TRUE(source->Start(reports).ok());
  // Another that is started later, and whose listeners are there, is through before.
  Reports others;
  const auto other = Make(kAliceLocks);
  ASSERT_TRUE(other->Start(others).ok());
  other->ListenersReady();
  ASSERT_TRUE(others.WaitForCount(6));
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start"));
}

TEST_F(AScenarioSource, DoesNotEndWhenItIsToWait) {
  const auto source = Make(std::string("then = \"wait\"\n") + kAliceLocks);
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(5));
  source->RequestSnapshot();
  source->Stop();
  const std::vector<std::string> told = reports.Take();
  EXPECT_EQ(told.size(), 6U);
  EXPECT_EQ(told.back(), "snapshot 1 on request");
}

TEST_F(AScenarioSource, KeepsItsPaceButNeverWaitsLong) {
  const auto source = Make(kAliceLocks, 1.0);  // Five minutes to the first step, if they were real.
  const auto begin = steady_clock::now();
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(2));
  EXPECT_GE(steady_clock::now() - begin, ScenarioSource::kMaxWait);
  source->Stop();
}

TEST_F(AScenarioSource, StopsAtOnceWhileItWaits) {
  const auto source = Make(kAliceLocks, 1000.0);
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  const auto begin = steady_clock::now();
  source->Stop();
  EXPECT_LT(steady_clock::now() - begin, seconds(1));
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start"));
}

TEST_F(AScenarioSource, StopsWhenItIsDestroyed) {
  auto source = Make(kAliceLocks, 1000.0);
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  source.reset();
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start"));
}

TEST_F(AScenarioSource, IsABootOfItsOwnUnlessTheScenarioNamesOne) {
  EXPECT_EQ(Make(kAliceLocks)->BootId().size(), 32U);
  EXPECT_NE(Make(kAliceLocks)->BootId(), Make(kAliceLocks)->BootId());
  const std::string boot_id(32, '7');
  EXPECT_EQ(Make("boot_id = \"" + boot_id + "\"\n" + kAliceLocks)->BootId(), boot_id);
}

TEST(ASimulatedSource, ReportsWhatATestDoesToItsDesktop) {
  Reports reports;
  const auto desktop = std::make_shared<SimulatedDesktop>(kNoon);
  SimulatedSource source(desktop);
  ASSERT_TRUE(source.Start(reports).ok());
  LogonRequest alice;
  alice.user = "alice";
  std::thread user([&] { EXPECT_TRUE(desktop->Logon(alice).ok()); });
  EXPECT_TRUE(reports.WaitForCount(4));
  user.join();
  source.Stop();
  EXPECT_TRUE(desktop->Lock("1").ok());
  EXPECT_EQ(reports.TakeAll().size(), 4U);
  EXPECT_EQ(source.SourceClock().Now(), kNoon);
  EXPECT_EQ(source.BootId(), "");
}

TEST(ASimulatedSource, CanSayEverything) {
  const SimulatedSource source(std::make_shared<SimulatedDesktop>(kNoon));
  EXPECT_EQ(source.Name(), "simulated");
  EXPECT_TRUE(source.Capabilities().lock_state);
  EXPECT_TRUE(source.Capabilities().remote_disconnect);
}

struct AScenarioFile : ::testing::Test {
  AScenarioFile() {
    path = ::testing::TempDir() + "usher-scenario-" +
           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml";
    settings.scenario = path;
  }
  ~AScenarioFile() override { std::filesystem::remove(path); }

  Sentences sentences;
  SourceSettings settings;
  std::string path;
};

TEST_F(AScenarioFile, MakesASource) {
  std::ofstream(path) << kAliceLocks;
  const auto source = MakeSimulatedSource(settings, sentences);
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ(source.value()->Name(), "simulated");
}

TEST_F(AScenarioFile, WithErrorsMakesNoneAndTellsThemAll) {
  std::ofstream(path) << "then = 5\n[[step]]\nat = \"08:00:00\"\ndo = \"dance\"\n";
  const auto source = MakeSimulatedSource(settings, sentences);
  EXPECT_EQ(source.status().code(), StatusCode::kInvalid);
  EXPECT_THAT(source.status().message(),
              AllOf(HasSubstr(path + ":1:8: then: "), HasSubstr("start: is missing"),
                    HasSubstr(path + ":4:6: step.do: ")));
}

}  // namespace
}  // namespace broker
