#include "daemon/event_pump.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "dispatch/hub.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"
#include "tests/unit/eventlog/scripted_files.h"

namespace broker {
namespace {

using std::chrono::seconds;
using testing::Eventually;

const Machine kMachine{std::string(32, 'a'), std::string(32, 'b')};

class QuietDiagnostics final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view text) noexcept override {
    const std::lock_guard lock(mutex_);
    text_ += std::string(text) + "\n";
  }
  std::string Text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

/// A source that only counts how often it is asked for a snapshot.
class AskedSource final : public Source {
 public:
  Status Start(RawSink&) override { return {}; }
  void Stop() noexcept override {}
  void RequestSnapshot() noexcept override { ++asked; }
  [[nodiscard]] std::string Name() const override { return "asked"; }
  [[nodiscard]] SourceCapabilities Capabilities() const override { return {}; }
  [[nodiscard]] const Clock& SourceClock() const override { return clock_; }

  std::atomic<int> asked = 0;

 private:
  SystemClock clock_;
};

class AnEventPump : public ::testing::Test {
 protected:
  void SetUp() override {
    LogRecovery recovery;
    LogOptions options;
    options.directory = directory_ / "log";
    options.retry = std::chrono::milliseconds(20);
    options.sync = sync_;
    auto log = LogWriter::Open(*files_, options, kMachine, recovery);
    ASSERT_TRUE(log.ok()) << log.status().message();
    log_ = std::move(log).value();
    hub_.OnBatchCommitted().connect([this](Seq last) noexcept { committed_ = last; });
    pump_ = std::make_unique<EventPump>(
        EventPump::Stages{source_, table_, normalizer_, *log_, sessions_, hub_, diagnostics_},
        [this] { ended_at_ = committed_.load(); }, heartbeat_);
  }

  static RawEvent Logon(const std::string& id) {
    RawEvent raw;
    raw.kind = RawKind::kSession;
    SessionFacts session;
    session.id = id;
    session.user = "alice";
    session.session_class = "user";
    session.state = SessionState::kOnline;
    raw.session = session;
    return raw;
  }

  static RawEvent Of(RawKind kind) {
    RawEvent raw;
    raw.kind = kind;
    return raw;
  }

  testing::TempDirectory directory_;
  Script script_;
  std::unique_ptr<FileSystem> files_ = std::make_unique<ScriptedFiles>(script_);
  SyncMode sync_ = SyncMode::kAlways;
  Heartbeat heartbeat_;
  QuietDiagnostics diagnostics_;
  AskedSource source_;
  SessionTable table_;
  CommittedSessions sessions_;
  Normalizer normalizer_{table_, kMachine.boot_id, "asked"};
  Hub hub_;
  std::unique_ptr<LogWriter> log_;
  std::atomic<Seq> committed_ = 0;
  std::atomic<Seq> ended_at_ = 0;
  std::unique_ptr<EventPump> pump_;
};

TEST_F(AnEventPump, CommitsWhatTheSourceAndTheBrokerReport) {
  pump_->Start({MakeBrokerEvent(EventType::kBrokerStarted, {})});
  pump_->Sink().Submit(Logon("1"));
  pump_->Announce(MakeBrokerEvent(EventType::kPluginLoaded, {}));
  EXPECT_TRUE(Eventually([this] { return committed_ == 4U; }));
  pump_->Stop();
  EXPECT_EQ(sessions_.Snapshot().sessions.size(), 1U);
  EXPECT_EQ(pump_->GetStatus().last_seq, 4U);
}

TEST_F(AnEventPump, ShowsSessionsAsTheyAreThoughAFactChangedWithoutAnEvent) {
  pump_->Sink().Submit(Logon("1"));
  RawEvent shown = Logon("1");
  SessionFacts facts = shown.session.Facts();
  facts.display = ":3";
  shown.session = facts;
  pump_->Sink().Submit(RawEvent(shown));
  shown.session.locked = Locked::kYes;
  pump_->Sink().Submit(std::move(shown));
  pump_->Start({});
  pump_->Stop();
  const auto sessions = sessions_.Snapshot().sessions;
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions.front()->Display(), ":3");
  EXPECT_EQ(sessions.front()->locked, Locked::kYes) << "that came after the display";
}

TEST_F(AnEventPump, FinishesWhatWasReportedBeforeItStops) {
  pump_->Start({});
  for (int i = 0; i < 100; ++i) pump_->Announce(MakeBrokerEvent(EventType::kPluginLoaded, {}));
  pump_->Stop();
  EXPECT_EQ(committed_, 100U);
}

TEST_F(AnEventPump, WritesManyEventsInBatchesOfBoundedSize) {
  std::vector<Seq> ends{0};
  hub_.OnBatchCommitted().connect([&ends](Seq last) noexcept { ends.push_back(last); });
  std::vector<Event> many(5000, MakeBrokerEvent(EventType::kPluginLoaded, {}));
  pump_->Start(std::move(many));
  pump_->Stop();
  ASSERT_EQ(ends.back(), 5000U);
  for (size_t i = 1; i < ends.size(); ++i) EXPECT_LE(ends[i] - ends[i - 1], log_->MostEvents());
}

TEST_F(AnEventPump, FreesWhatALaneHadNotFinishedOnceItHas) {
  std::atomic<Seq> finished = 1;
  std::atomic<int> asked = 0;
  hub_.OnProgressAsked().connect([&](Seq from) noexcept {
    ++asked;
    return finished < from ? std::numeric_limits<Seq>::max() : finished.load();
  });
  pump_->Start(std::vector<Event>(2000, MakeBrokerEvent(EventType::kPluginLoaded, {})));
  ASSERT_TRUE(Eventually([this] { return committed_ == 2000U && !pump_->Busy(); }));
  const int before = asked;
  ASSERT_TRUE(Eventually([&] { return asked > before; }));
  EXPECT_GT(log_->Ring().Bytes(), 0U);
  finished = 2000;
  EXPECT_TRUE(Eventually([this] { return log_->Ring().Bytes() == 0; }));
  pump_->Stop();
}

TEST_F(AnEventPump, AsksForASnapshotWhenReportsWereDropped) {
  // Nothing takes the reports before the pump is started.
  constexpr int kMoreThanItHolds = 70000;
  for (int i = 0; i < kMoreThanItHolds; ++i) pump_->Sink().Submit(Of(RawKind::kLockRequested));
  pump_->Start({});
  EXPECT_TRUE(Eventually([this] { return source_.asked == 1; }));
  EXPECT_TRUE(Eventually([this] { return pump_->GetStatus().source_lost; }));
  pump_->Sink().Submit(Of(RawKind::kSnapshot));
  EXPECT_TRUE(Eventually([this] { return !pump_->GetStatus().source_lost; }));
  pump_->Stop();
}

TEST_F(AnEventPump, WaitsForTheFirstSnapshotToBeCommitted) {
  pump_->Start({});
  EXPECT_FALSE(pump_->WaitForSnapshot(std::chrono::milliseconds(1)));
  pump_->Sink().Submit(Of(RawKind::kSnapshot));
  EXPECT_TRUE(pump_->WaitForSnapshot(seconds(20)));
  pump_->Stop();
}

TEST_F(AnEventPump, SaysThatTheSourceEndedOnceAllBeforeItIsCommitted) {
  pump_->Start({});
  pump_->Sink().Submit(Logon("1"));
  pump_->Sink().Submit(Of(RawKind::kEnd));
  EXPECT_TRUE(Eventually([this] { return ended_at_ == 2U; }));
  EXPECT_TRUE(pump_->GetStatus().source_ended);
  pump_->Stop();
}

TEST_F(AnEventPump, SaysWhatWentWrongWhereTheSourceEnded) {
  pump_->Start({});
  RawEvent end = Of(RawKind::kEnd);
  end.reason = "the tape tore";
  pump_->Sink().Submit(std::move(end));
  EXPECT_TRUE(Eventually([this] { return pump_->GetStatus().source_ended; }));
  EXPECT_EQ(pump_->GetStatus().source_trouble, "the tape tore");
  pump_->Stop();
}

TEST_F(AnEventPump, DeliversUnloggedWhileTheLogCannotBeWrittenAndLogsLater) {
  pump_->Start({MakeBrokerEvent(EventType::kBrokerStarted, {})});
  ASSERT_TRUE(Eventually([this] { return committed_ == 1U; }));
  // A folder of the log's that is a file cannot be written to by anybody, root included.
  std::filesystem::rename(directory_ / "log", directory_ / "aside");
  ASSERT_TRUE(files_->Replace(directory_ / "log", "", 0600).ok());
  pump_->Announce(MakeBrokerEvent(EventType::kPluginLoaded, {}));
  ASSERT_TRUE(Eventually([this] { return pump_->GetStatus().log.degraded; }));
  EXPECT_TRUE(Eventually([this] { return committed_ == 2U; }));
  EXPECT_LT(log_->Ring().Logged(), 2U);
  EXPECT_NE(pump_->GetStatus().log.unwritten, 0U);
  std::filesystem::remove(directory_ / "log");
  std::filesystem::rename(directory_ / "aside", directory_ / "log");
  EXPECT_TRUE(Eventually([this] { return !pump_->GetStatus().log.degraded; }));
  EXPECT_EQ(log_->Ring().Logged(), 2U);
  EXPECT_TRUE(pump_->Stop());
  EXPECT_NE(diagnostics_.Text().find("can be written again"), std::string::npos);
}

struct AWatchedPump : AnEventPump {
  AWatchedPump() {
    heartbeat_ = {std::chrono::milliseconds(1), [this] { ++beats_; }};
  }

  bool BeatsAgain() {
    const int before = beats_;
    return Eventually([&] { return beats_ >= before + 3; });
  }

  std::atomic<int> beats_ = 0;
};

TEST_F(AWatchedPump, SaysThatItGoesRoundWhereNothingHappens) {
  pump_->Start({});
  EXPECT_TRUE(BeatsAgain());
  pump_->Stop();
}

TEST_F(AWatchedPump, SaysSoWhileASyncHangs) {
  script_.sync_hangs = true;
  pump_->Start({MakeBrokerEvent(EventType::kBrokerStarted, {})});
  EXPECT_TRUE(Eventually([this] { return pump_->Busy(); }));
  EXPECT_TRUE(BeatsAgain());
  EXPECT_EQ(committed_, 0U);
  script_.sync_hangs = false;
  pump_->Stop();
}

TEST_F(AWatchedPump, SaysSoWhileAWriteHangs) {
  script_.append_hangs = true;
  pump_->Start({MakeBrokerEvent(EventType::kBrokerStarted, {})});
  EXPECT_TRUE(Eventually([this] { return pump_->Busy(); }));
  EXPECT_TRUE(BeatsAgain());
  EXPECT_EQ(committed_, 0U);
  script_.append_hangs = false;
  pump_->Stop();
}

/// One that does not sync, and therefore writes itself.
struct AWatchedPumpThatWrites : AWatchedPump {
  AWatchedPumpThatWrites() { sync_ = SyncMode::kNever; }
};

TEST_F(AWatchedPumpThatWrites, SaysNothingWhileAWriteHangs) {
  script_.append_hangs = true;
  script_.TakeCalls();
  pump_->Start({MakeBrokerEvent(EventType::kBrokerStarted, {})});
  std::vector<std::string> calls;
  ASSERT_TRUE(Eventually([&] {
    for (std::string& call : script_.TakeCalls()) calls.push_back(std::move(call));
    return std::find(calls.begin(), calls.end(), "append") != calls.end();
  }));
  const int before = beats_;
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(beats_, before);
  script_.append_hangs = false;
  EXPECT_TRUE(BeatsAgain());
  pump_->Stop();
}

/// One that takes nearly all there is in one round.
struct AFloodedPump : AWatchedPump {
  AFloodedPump() { sync_ = SyncMode::kNever; }
};

TEST_F(AFloodedPump, SaysSoAfterEachBatch) {
  constexpr Seq kMany = 5000;
  std::atomic<int> beats_at_end = 0;
  hub_.OnBatchCommitted().connect([&](Seq last) noexcept {
    std::this_thread::sleep_for(2 * heartbeat_.interval);
    if (last == kMany) beats_at_end = beats_.load();
  });
  pump_->Start(std::vector<Event>(kMany, MakeBrokerEvent(EventType::kPluginLoaded, {})));
  ASSERT_TRUE(Eventually([&] { return beats_at_end != 0; }));
  EXPECT_GE(beats_at_end, static_cast<int>(kMany / 512 - 1));
  pump_->Stop();
}

/// One that never syncs, so that nothing but the reservation of numbers is waited for.
struct APumpOutOfNumbers : AnEventPump {
  APumpOutOfNumbers() { sync_ = SyncMode::kNever; }

  /// Uses up the numbers that are reserved, while more of them cannot be yet: until an event does
  /// not come through. Answers how many were reported.
  Seq UseUp() {
    constexpr Seq kFree = 4096 - 512;  // Some are kept for what is appended at once.
    script_.overwrite_hangs = true;
    Seq reported = 0;
    const auto report = [&] {
      pump_->Sink().Submit(Of(RawKind::kSuspending));
      ++reported;
    };
    while (reported < kFree) report();
    EXPECT_TRUE(Eventually([this] { return committed_ == kFree; }));
    do report();
    while (Eventually([&] { return committed_ == reported; }, std::chrono::milliseconds(100)));
    return reported;
  }
};

TEST_F(APumpOutOfNumbers, TakesWhatWaitedOnceThereAreMore) {
  pump_->Start({});
  const Seq reported = UseUp();
  script_.overwrite_hangs = false;
  EXPECT_TRUE(Eventually([&] { return committed_ == reported; }));
  EXPECT_TRUE(Eventually([this] { return !pump_->Busy(); }));
  pump_->Stop();
}

TEST_F(APumpOutOfNumbers, FinishesWhatWaitedBeforeItStops) {
  pump_->Start({});
  const Seq reported = UseUp();
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    script_.overwrite_hangs = false;
  });
  pump_->Stop();
  later.join();
  EXPECT_EQ(committed_, reported);
}

TEST_F(APumpOutOfNumbers, SyncsWhatStillWaitsToBeTaken) {
  pump_->Start({});
  const Seq reported = UseUp();
  auto synced = std::async(std::launch::async, [this] { return pump_->Sync(seconds(20)); });
  EXPECT_TRUE(Eventually([this] { return pump_->Busy(); }));
  script_.overwrite_hangs = false;
  EXPECT_TRUE(synced.get());
  EXPECT_EQ(pump_->GetStatus().log.synced_seq, reported);
}

class APumpThatNeverSyncs : public AnEventPump {
 protected:
  APumpThatNeverSyncs() { sync_ = SyncMode::kNever; }
};

TEST_F(APumpThatNeverSyncs, DoesSoWhenItIsAsked) {
  pump_->Start({MakeBrokerEvent(EventType::kBrokerStarted, {})});
  ASSERT_TRUE(pump_->Sync(seconds(20)));
  pump_->Announce(MakeBrokerEvent(EventType::kPluginLoaded, {}));
  ASSERT_TRUE(Eventually([this] { return committed_ == 2U; }));
  EXPECT_EQ(pump_->GetStatus().log.synced_seq, 1U);
  pump_->Announce(MakeBrokerEvent(EventType::kPluginLoaded, {}));
  EXPECT_TRUE(pump_->Sync(seconds(20)));
  EXPECT_EQ(pump_->GetStatus().log.synced_seq, 3U);
  EXPECT_TRUE(pump_->Sync(seconds(20))) << "nothing is left to do";
}

TEST_F(APumpThatNeverSyncs, KeepsAllSessionsWhereItsLastSyncFails) {
  pump_->Start({});
  for (const std::string id : {"1", "2", "3"}) pump_->Sink().Submit(Logon(id));
  ASSERT_TRUE(pump_->Sync(seconds(20)));
  const Seq before = pump_->GetStatus().last_seq;
  pump_->Announce(MakeBrokerEvent(EventType::kPluginLoaded, {}));
  ASSERT_TRUE(Eventually([&] { return committed_ == before + 1; }));
  script_.sync_fails = 1;
  pump_->Stop();
  pump_.reset();
  log_.reset();
  LogRecovery recovery;
  LogOptions options;
  options.directory = directory_ / "log";
  ASSERT_TRUE(LogWriter::Open(*files_, options, kMachine, recovery).ok());
  EXPECT_EQ(recovery.sessions.sessions.size(), 3U);
}

}  // namespace
}  // namespace broker
