#include "replay/replay_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/unit/platform/simulated/reports.h"
#include "tests/unit/replay/recorded_log.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Alice;
using ::testing::AllOf;
using testing::At;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kFirstBoot;
using testing::kMachineOfOld;
using testing::kSecondBoot;
using testing::Recorded;
using testing::RecordedLog;
using testing::Reports;
using testing::Shared;

class Sentences final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view text) noexcept override { said += text; }
  std::string said;
};

struct AReplaySource : ::testing::Test {
  std::unique_ptr<Source> Make(double speed = 0) {
    settings.source.recording = log.Directory();
    settings.source.speed = speed;
    settings.log.directory = log.Directory() + "-of-another";
    Result<std::unique_ptr<Source>> made = MakeReplaySource(settings, sentences);
    EXPECT_TRUE(made.ok()) << made.status().message();
    return made.ok() ? std::move(made).value() : nullptr;
  }

  /// Why it cannot be made.
  std::string Refusal() {
    const Result<std::unique_ptr<Source>> made = MakeReplaySource(settings, sentences);
    return made.ok() ? "" : made.status().message();
  }

  /// All that is reported from start to end.
  std::vector<RawEvent> PlayAll(size_t count) {
    const auto source = Make();
    if (source == nullptr || !source->Start(reports).ok()) return {};
    source->ListenersReady();
    EXPECT_TRUE(reports.WaitForCount(count));
    source->Stop();
    return reports.TakeAll();
  }

  void AddSuspends(const std::vector<double>& times) {
    for (const double time : times) log.Add(Recorded(EventType::kSystemSuspending, time));
  }

  RecordedLog log;
  Settings settings;
  Sentences sentences;
  Reports reports;
};

TEST_F(AReplaySource, PlaysTheRecordingFromItsTableToItsEnd) {
  log.Begin(kFirstBoot, {{Shared(Alice(SessionState::kActive))}, {{"seat0", "1"}}, 0});
  log.Add(MakeBrokerEvent(EventType::kBrokerStarted, At(0)));
  Session locked = Alice(SessionState::kActive);
  locked.locked = Locked::kYes;
  log.Add(
      Recorded(EventType::kSessionLocked, 1, Shared(locked), Shared(Alice(SessionState::kActive))));
  log.Add(MakeBrokerEvent(EventType::kBrokerStopping, At(2)));
  std::vector<std::string> told;
  for (const RawEvent& raw : PlayAll(3)) told.push_back(testing::Brief(raw));
  EXPECT_THAT(told, ElementsAre("snapshot 1 start", "session 1 active in front locked yes", "end"));
  EXPECT_EQ(sentences.said, "");
}

TEST_F(AReplaySource, StampsEverythingWithTheRecordingsTime) {
  log.Begin();
  log.Add(MakeBrokerEvent(EventType::kBrokerStarted, At(10)));
  AddSuspends({20});
  log.Add(MakeBrokerEvent(EventType::kBrokerStopping, At(30)));
  const auto source = Make();
  EXPECT_EQ(source->SourceClock().Now(), At(10));
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(3));
  const std::vector<RawEvent> told = reports.TakeAll();
  EXPECT_EQ(told[0].time, At(10));
  EXPECT_EQ(told[1].time, At(20));
  EXPECT_EQ(told[2].time, At(30));
  EXPECT_EQ(source->SourceClock().Now(), At(30));
  source->Stop();
}

TEST_F(AReplaySource, IsOfTheRecordingsMachineAndBoot) {
  log.Begin();
  AddSuspends({0});
  log.Begin(kSecondBoot);
  AddSuspends({60});
  const auto source = Make();
  EXPECT_EQ(source->MachineId(), kMachineOfOld);
  EXPECT_EQ(source->BootId(), kFirstBoot);
  EXPECT_EQ(source->Name(), "replay");
  EXPECT_FALSE(source->Capabilities().real);
  EXPECT_TRUE(source->Capabilities().recorded);
}

TEST_F(AReplaySource, PlaysThroughAReboot) {
  log.Begin();
  log.Add(Recorded(EventType::kSessionLogon, 0, Shared(Alice(SessionState::kActive)),
                   Shared(Alice(SessionState::kOpening))));
  log.Begin(kSecondBoot, {{Shared(Alice(SessionState::kActive))}, {}, 1});
  Event gone =
      Recorded(EventType::kSessionDestroyed, 60, nullptr, Shared(Alice(SessionState::kActive)));
  gone.time.monotonic_us = 5'000'000;
  gone.reason = "boot";
  log.Add(gone);
  Event again =
      Recorded(EventType::kSessionCreated, 61, Shared(Alice(SessionState::kOpening, kSecondBoot)));
  again.time.monotonic_us = 6'000'000;
  log.Add(again);
  const std::vector<RawEvent> told = PlayAll(5);
  ASSERT_EQ(told.size(), 5U);
  EXPECT_EQ(testing::Brief(told[2]), "removed 1");
  EXPECT_EQ(told[2].reason, "boot");
  EXPECT_EQ(told[2].time, At(60));
  EXPECT_EQ(told[3].time, At(61));
  EXPECT_NE(told[3].session.created_us, told[1].session.created_us);
}

TEST_F(AReplaySource, WaitsForItsListeners) {
  log.Begin();
  AddSuspends({0});
  const auto source = Make();
  ASSERT_TRUE(source->Start(reports).ok());
  // Another that is started later, and whose listeners are there, is through before.
  Reports others;
  const auto other = Make();
  ASSERT_TRUE(other->Start(others).ok());
  other->ListenersReady();
  ASSERT_TRUE(others.WaitForCount(3));
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start"));
}

TEST_F(AReplaySource, KeepsItsSpeed) {
  log.Begin();
  AddSuspends({0, 1, 3});
  const auto source = Make(20);  // Three seconds take 150 ms.
  ASSERT_TRUE(source->Start(reports).ok());
  const auto begin = steady_clock::now();
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(3));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(50));
  ASSERT_TRUE(reports.WaitForCount(5));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(150));
  source->Stop();
}

TEST_F(AReplaySource, WaitsAsLongAsTheMachineSlept) {
  log.Begin();
  AddSuspends({0});
  Event resumed = Recorded(EventType::kSystemResumed, 2);
  resumed.time.monotonic_us = At(0).monotonic_us + 1000;
  log.Add(resumed);
  const auto source = Make(20);
  ASSERT_TRUE(source->Start(reports).ok());
  const auto begin = steady_clock::now();
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(3));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(100));
  source->Stop();
}

TEST_F(AReplaySource, StopsAtOnceWhileItWaits) {
  log.Begin();
  AddSuspends({0, 1e9});  // More than anybody waits.
  const auto source = Make(1);
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(2));
  const auto begin = steady_clock::now();
  source->Stop();
  EXPECT_LT(steady_clock::now() - begin, seconds(1));
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start", "suspending"));
}

TEST_F(AReplaySource, WaitsWhereItIsSlowerThanTheClockCanCount) {
  log.Begin();
  AddSuspends({0, 1});
  const auto source = Make(1e-300);
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(2));
  source->RequestSnapshot();
  ASSERT_TRUE(reports.WaitForCount(3));
  source->Stop();
  EXPECT_THAT(reports.Take(),
              ElementsAre("snapshot 0 start", "suspending", "snapshot 0 on request"));
}

TEST_F(AReplaySource, GivesASnapshotOnRequestBeforeItBeginsAndWhileItWaits) {
  log.Begin();
  log.Add(Recorded(EventType::kSessionCreated, 0, Shared(Alice(SessionState::kOpening))));
  AddSuspends({1e6});
  const auto source = Make(1);
  ASSERT_TRUE(source->Start(reports).ok());
  source->RequestSnapshot();
  ASSERT_TRUE(reports.WaitForCount(2));
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(3));
  source->RequestSnapshot();
  ASSERT_TRUE(reports.WaitForCount(4));
  source->Stop();
  const std::vector<RawEvent> told = reports.TakeAll();
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(testing::Brief(told[1]), "snapshot 0 on request");
  EXPECT_EQ(testing::Brief(told[3]), "snapshot 1 on request");
  EXPECT_EQ(told[3].time, At(0));
}

/// A log that takes nothing.
class FullSink final : public RawSink {
 public:
  void Submit(RawEvent raw) noexcept override { reports.Submit(std::move(raw)); }
  bool WaitForRoom(milliseconds) noexcept override {
    const MutexLock lock(mutex_);
    asked_ = true;
    changed_.NotifyAll();
    return open_;
  }
  void WaitUntilAsked() {
    const MutexLock lock(mutex_);
    while (!asked_) changed_.Wait(mutex_);
  }
  void Open() {
    const MutexLock lock(mutex_);
    open_ = true;
  }
  Reports reports;

 private:
  Mutex mutex_;
  Condition changed_;
  bool asked_ USHER_GUARDED_BY(mutex_) = false;
  bool open_ USHER_GUARDED_BY(mutex_) = false;
};

TEST_F(AReplaySource, WaitsUntilThereIsRoomForItsReports) {
  log.Begin();
  AddSuspends({0});
  FullSink sink;
  const auto source = Make();
  ASSERT_TRUE(source->Start(sink).ok());
  source->ListenersReady();
  sink.WaitUntilAsked();
  EXPECT_THAT(sink.reports.Take(), ElementsAre("snapshot 0 start"));
  sink.Open();
  ASSERT_TRUE(sink.reports.WaitForCount(2));
  source->Stop();
  EXPECT_THAT(sink.reports.Take(), ElementsAre("suspending", "end"));
}

TEST_F(AReplaySource, StopsWhileThereIsNoRoom) {
  log.Begin();
  AddSuspends({0});
  FullSink sink;
  const auto source = Make();
  ASSERT_TRUE(source->Start(sink).ok());
  source->ListenersReady();
  sink.WaitUntilAsked();
  source->Stop();
  EXPECT_THAT(sink.reports.Take(), ElementsAre("snapshot 0 start"));
}

TEST_F(AReplaySource, PlaysARecordingWithoutAnyEvent) {
  log.Begin(kFirstBoot, {{Shared(Alice(SessionState::kActive))}, {}, 0});
  const std::vector<RawEvent> told = PlayAll(2);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(testing::Brief(told[0]), "snapshot 1 start");
  EXPECT_EQ(told[0].time.realtime_us, At(-1).realtime_us);
}

TEST_F(AReplaySource, NamesTheLinesThatAreDamagedAndGoesOn) {
  log.Begin();
  AddSuspends({0});
  log.Append("{\"seq\":2,\"time\":\"nonsense\"}");
  log.Add(Recorded(EventType::kSystemResumed, 1));
  log.Add(Recorded(EventType::kSystemResumed, 2));
  std::vector<std::string> told;
  for (const RawEvent& raw : PlayAll(5)) told.push_back(testing::Brief(raw));
  EXPECT_THAT(told, ElementsAre("snapshot 0 start", "suspending", "resumed", "resumed",
                                "end: the recording is damaged"));
  EXPECT_THAT(sentences.said,
              AllOf(HasSubstr("damaged"), HasSubstr("events-0"), HasSubstr("line 3")));
}

TEST_F(AReplaySource, SaysSoWhereTheRecordingHasAHole) {
  log.Begin();
  AddSuspends({0});
  log.Begin();
  AddSuspends({1});
  std::filesystem::remove(log.Path());
  log.Begin();
  AddSuspends({2});
  std::vector<std::string> told;
  for (const RawEvent& raw : PlayAll(4)) told.push_back(testing::Brief(raw));
  EXPECT_THAT(told, ElementsAre("snapshot 0 start", "suspending", "suspending",
                                "end: events of the recording are missing"));
  EXPECT_EQ(sentences.said, "the recording has a hole: event 2 is no longer in the log");
}

TEST_F(AReplaySource, NamesTheSegmentsThatAreLinks) {
  log.Begin();
  AddSuspends({0});
  const std::string link = SegmentName(9);
  std::filesystem::create_symlink(log.Path(), PathIn(log.Directory(), link));
  std::vector<std::string> told;
  for (const RawEvent& raw : PlayAll(3)) told.push_back(testing::Brief(raw));
  EXPECT_THAT(told, ElementsAre("snapshot 0 start", "suspending", "end: the recording is damaged"));
  EXPECT_EQ(sentences.said,
            "the recording is damaged: " + link +
                " is passed over: it is a link, a folder or a pipe and no regular file");
}

TEST_F(AReplaySource, SaysSoWhereTheRecordingEndsBeforeItsTime) {
  log.Begin();
  AddSuspends({0});
  log.Begin(kSecondBoot);
  AddSuspends({1, 2});
  const auto source = Make();
  std::filesystem::remove(log.Path());
  ASSERT_TRUE(source->Start(reports).ok());
  source->ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(3));
  source->Stop();
  EXPECT_THAT(reports.Take(), ElementsAre("snapshot 0 start", "suspending",
                                          "end: the recording could not be read to its end"));
  EXPECT_THAT(sentences.said, AllOf(HasSubstr("had events up to 3"), HasSubstr("ends behind 1")));
}

TEST_F(AReplaySource, NeedsALog) {
  settings.source.recording = log.Directory();
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("the recording cannot be played"),
                               HasSubstr("there is no event log in '" + log.Directory() + "'")));
  settings.source.recording = log.Directory() + "/missing";
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("the recording cannot be played"),
                               HasSubstr(log.Directory() + "/missing")));
}

TEST_F(AReplaySource, NeedsTheFirstHeader) {
  log.Begin();
  AddSuspends({0});
  std::fstream(log.Path(), std::ios::in | std::ios::out | std::ios::binary).seekp(20) << '#';
  settings.source.recording = log.Directory();
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("the recording cannot be played"),
                               HasSubstr("the first line of '" + log.Path() + "' is damaged")));
}

TEST_F(AReplaySource, RefusesTheLogThatTheBrokerWritesByWhateverName) {
  log.Begin();
  settings.source.recording = log.Directory();
  settings.log.directory =
      log.Directory() + "/../" + std::filesystem::path(log.Directory()).filename().string();
  EXPECT_THAT(Refusal(), HasSubstr("the very log that this broker writes"));
}

}  // namespace
}  // namespace broker
