#include "dispatch/lane.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/segments.h"
#include "eventlog/writer.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"
#include "tests/support/written_log.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Eventually;

const Machine kMachine{std::string(32, 'a'), std::string(32, 'b')};

/// A consumer that notes what it is told, and can be held inside a delivery.
class NotingConsumer final : public Consumer {
 public:
  Result<Activation> Activate(Completions& given) override {
    completions = &given;
    if (!activate_status.ok()) return activate_status;
    return Activation{types, committed == nullptr ? as_of : committed->load()};
  }

  Outcome Deliver(const DeliveredEvent& delivered) override {
    const Seq seq = delivered.event.seq;
    Note(std::string(delivered.redelivered ? "again " : "") +
         (delivered.unlogged ? "unlogged " : "") + std::to_string(seq));
    EXPECT_TRUE(delivered.line.starts_with("{\"seq\":" + std::to_string(seq) + ","));
    gate.get_future().wait();
    gate = std::promise<void>();
    if (open) gate.set_value();
    return answer(seq);
  }

  void Failed(Seq seq, uint32_t /*chain*/, const Status& why) override {
    Note("failed " + std::to_string(seq) + ": " + why.message());
    if (exhausted_by_failure) exhausted = true;
  }
  Condition::TimePoint Tend() override {
    ++tended;
    return tend_at;
  }

  void Skipped(Seq from, Seq to, const std::string& reason) override {
    Note("skip " + std::to_string(from) + "-" + std::to_string(to) + " " + reason);
  }

  void Troubled(const Status& trouble) override { Note("trouble " + trouble.message()); }
  [[nodiscard]] bool Exhausted() const override { return exhausted; }
  void Deactivate() noexcept override {
    if (stop) stop();
    Note("down");
  }

  void Note(std::string text) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(text));
  }
  std::vector<std::string> Notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  /// Lets deliveries pass without being held.
  void Open() {
    open = true;
    gate.set_value();
  }

  Status activate_status;
  std::vector<EventType> types{EventType::kSessionLogon};
  Seq as_of = 0;
  const std::atomic<Seq>* committed = nullptr;  ///< Takes its snapshot from here instead.
  std::function<Outcome(Seq)> answer = [](Seq) { return Outcome::kDone; };
  std::function<void()> stop;  ///< Called by Deactivate.
  std::atomic<Completions*> completions = nullptr;
  std::atomic<int> tended = 0;
  Condition::TimePoint tend_at = Condition::TimePoint::max();  ///< Set before Activate.
  std::atomic<bool> exhausted = false;
  std::atomic<bool> exhausted_by_failure = false;
  std::atomic<bool> open = false;
  std::promise<void> gate;

 private:
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

class ALane : public ::testing::Test {
 protected:
  /// Holds a handful of the events that Logons makes.
  static constexpr size_t kRing = 4096;

  void SetUp() override { OpenLog(kMachine); }

  void OpenLog(const Machine& machine) {
    log_.reset();
    LogRecovery recovery;
    LogOptions options;
    options.directory = directory_ / "log";
    options.ring_bytes = kRing;
    auto log = LogWriter::Open(*files_, options, machine, recovery);
    ASSERT_TRUE(log.ok()) << log.status().message();
    log_.reset(std::move(log).value().release());
  }

  /// Commits events of these types as one batch, as the pipeline does.
  void Commit(const std::vector<EventType>& types, int64_t time_us = 1'000'000) {
    std::vector<Event> events;
    for (const EventType type : types) {
      Event event;
      event.type = type;
      event.time = {time_us, 1};
      events.push_back(event);
    }
    CommitEvents(std::move(events));
  }

  void CommitEvents(std::vector<Event> events) {
    for (const BatchRef& batch : testing::Write(*log_, std::move(events))) {
      committed_ = batch->Last();
      hub_.Emit(*batch);
    }
  }

  /// The event that says what an instance does not see.
  void CommitSkipped(const std::string& instance, Seq from, Seq to) {
    CommitEvents({MakeBrokerEvent(
        EventType::kPluginSkipped, {1'000'000, 1},
        {{"instance", instance}, {"from", std::to_string(from)}, {"to", std::to_string(to)}})});
  }

  void Logons(size_t count) { Commit(std::vector<EventType>(count, EventType::kSessionLogon)); }

  LaneOptions Options() {
    LaneOptions options;
    options.instance = "noting";
    options.log_directory = directory_ / "log";
    options.boot_id = kMachine.boot_id;
    return options;
  }

  void Start(NotingConsumer& consumer, const LaneOptions& options) {
    lane_ = Lane::Create(options, consumer, {hub_, log_->Ring(), *files_, cursors_});
    const Status up = lane_->Activate(seconds(20));
    ASSERT_TRUE(up.ok()) << up.message();
  }

  bool Finished(Seq seq) {
    return Eventually([this, seq] { return lane_->Progress().acknowledged >= seq; });
  }

  testing::TempDirectory directory_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  CursorStore cursors_{*files_, directory_ / "cursors"};
  testing::ClosingLog log_;
  Hub hub_;
  std::atomic<Seq> committed_ = 0;
  std::shared_ptr<Lane> lane_;
};

TEST_F(ALane, DeliversWhatItsConsumerWantsInOrderAndCountsTheRestAsFinished) {
  NotingConsumer consumer;
  consumer.Open();
  Start(consumer, Options());
  Commit({EventType::kSessionLogon, EventType::kSessionLocked, EventType::kSessionLogon});
  Commit({EventType::kSessionLocked});
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "3", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value()->seq, 4U);
}

TEST_F(ALane, StartsANewInstanceAtTheSnapshotAndSaysWhatItDidNotSee) {
  Logons(3);
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 1-3 new", "4", "down"}));
}

TEST_F(ALane, WhoseCursorIsAheadOfTheLogStartsAtTheSnapshotAndSaysSo) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 99).ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  Start(consumer, Options());
  CommitSkipped("noting", 1, 2);
  Logons(1);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(),
            (std::vector<std::string>{"skip 1-2 cursor of another log", "4", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value()->seq, 4U);
}

TEST_F(ALane, StartsAMarkedInstanceAtTheSnapshotOnceAndSaysWhyItDidNotSeeTheRest) {
  Logons(3);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "disabled").ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  Start(consumer, Options());
  CommitSkipped("noting", 2, 3);
  EXPECT_TRUE(Eventually([this] {
    return cursors_.Load("noting").value() == StoredCursor{4, ""};
  }));
  Logons(1);
  ASSERT_TRUE(Finished(5));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 2-3 disabled", "5", "down"}));
}

TEST_F(ALane, SavesNoCursorBehindASkipThatIsNotInTheLogYet) {
  Logons(3);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  LaneOptions options = Options();
  options.oldest_us = 2'000'000;
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  Start(consumer, options);
  Logons(1);
  CommitSkipped("another", 2, 3);
  ASSERT_TRUE(Finished(5));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 2-3 age", "4", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));

  NotingConsumer again;
  again.Open();
  again.as_of = 5;
  Start(again, options);
  ASSERT_TRUE(Eventually([&again] { return !again.Notes().empty(); }));
  CommitSkipped("noting", 2, 5);
  EXPECT_TRUE(Eventually([this] {
    return cursors_.Load("noting").value() == StoredCursor{6, ""};
  }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALane, StartsAMarkedInstanceThatMissedNothingWithoutAWord) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 2).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "quarantined").ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  Start(consumer, Options());
  EXPECT_TRUE(Eventually([this] {
    return cursors_.Load("noting").value() == StoredCursor{2, ""};
  }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"down"}));
}

TEST_F(ALane, KeepsAMarkUntilTheDiskHasAllThatPassedTheInstanceBy) {
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  ASSERT_TRUE(cursors_.Mark("noting", "disabled").ok());
  EventRing ring;
  ring.Mark(2, 1);
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 2;
  lane_ = Lane::Create(Options(), consumer, {hub_, ring, *files_, cursors_});
  ASSERT_TRUE(lane_->Activate(seconds(20)).ok());
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{0, "disabled"}));
}

TEST_F(ALane, MarksTheCursorOfAQuarantinedInstance) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [&consumer](Seq) {
    consumer.exhausted = true;
    return Outcome::kFailed;
  };
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, "quarantined"}));
}

TEST_F(ALane, GoesOnBehindItsCursorAndFlagsWhatACrashMayHaveDelivered) {
  Logons(3);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 3;
  LaneOptions options = Options();
  options.redelivered_through = 2;
  Start(consumer, options);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"again 2", "3", "down"}));
}

TEST_F(ALane, SkipsWhatIsTooOldOrOfAnotherBootAndSaysSo) {
  Logons(2);
  OpenLog({kMachine.machine_id, std::string(32, 'c')});
  Commit({EventType::kSessionLogon}, 1);
  Commit({EventType::kSessionLogon}, 5'000'000);
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 4;
  LaneOptions options = Options();
  options.boot_id = std::string(32, 'c');
  options.oldest_us = 2'000'000;
  Start(consumer, options);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(),
            (std::vector<std::string>{"skip 1-2 boot", "skip 3-3 age", "4", "down"}));
}

TEST_F(ALane, ReadsTheFilesWhenItFallsBehindAndLosesAndRepeatsNothing) {
  NotingConsumer consumer;
  Start(consumer, Options());
  for (int batch = 0; batch < 20; ++batch) Logons(2);
  consumer.Open();
  ASSERT_TRUE(Finished(40));
  Logons(1);
  ASSERT_TRUE(Finished(41));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  std::vector<std::string> expected;
  for (int seq = 1; seq <= 41; ++seq) expected.push_back(std::to_string(seq));
  expected.emplace_back("down");
  EXPECT_EQ(consumer.Notes(), expected);
}

TEST_F(ALane, SavesNoCursorBeyondWhatIsSynced) {
  EventRing ring;
  NotingConsumer consumer;
  consumer.Open();
  lane_ = Lane::Create(Options(), consumer, {hub_, ring, *files_, cursors_});
  ASSERT_TRUE(cursors_.Save("noting", 0).ok());
  ASSERT_TRUE(lane_->Activate(seconds(20)).ok());
  log_->Append(std::vector<Event>(3, MakeBrokerEvent(EventType::kSessionLogon, {1, 1})));
  const BatchRef batch = log_->Ring().Find(1);
  ring.Push(batch);
  ring.Mark(2, 1);
  hub_.Emit(*batch);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "2", "unlogged 3", "down"}));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));
  testing::Settle(*log_);
}

TEST_F(ALane, SaysWhatRetentionTookBeforeItCame) {
  Logons(2);
  ASSERT_TRUE(cursors_.Save("noting", 1).ok());
  OpenLog({kMachine.machine_id, std::string(32, 'c')});
  Logons(2);
  std::filesystem::remove(PathIn(directory_ / "log", SegmentName(1)));
  NotingConsumer consumer;
  consumer.Open();
  consumer.as_of = 4;
  LaneOptions options = Options();
  options.boot_id = std::string(32, 'c');
  Start(consumer, options);
  ASSERT_TRUE(Finished(4));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"skip 2-2 retention", "3", "4", "down"}));
}

TEST_F(ALane, LosesNothingWhenEventsAreCommittedWhileItComesUp) {
  for (int round = 0; round < 30; ++round) {
    NotingConsumer consumer;
    consumer.Open();
    consumer.committed = &committed_;
    const Seq first = log_->LastSeq() + 1;
    ASSERT_TRUE(cursors_.Save("noting", log_->LastSeq()).ok());
    std::thread pipeline([this] {
      for (int event = 0; event < 10; ++event) Logons(1);
    });
    Start(consumer, Options());
    pipeline.join();
    ASSERT_TRUE(Finished(first + 9));
    EXPECT_TRUE(lane_->Stop(seconds(20)));
    std::vector<std::string> expected;
    for (Seq seq = first; seq < first + 10; ++seq) expected.push_back(std::to_string(seq));
    expected.emplace_back("down");
    EXPECT_EQ(consumer.Notes(), expected);
  }
}

TEST_F(ALane, GoesOnBehindAnEventThatFailed) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq seq) { return seq == 1 ? Outcome::kFailed : Outcome::kDone; };
  Start(consumer, Options());
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "2", "down"}));
}

TEST_F(ALane, TakesDownAConsumerThatWantsNoMore) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.exhausted = true;
  Start(consumer, Options());
  ASSERT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
  Logons(1);
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"down"}));
}

TEST_F(ALane, ReportsAConsumerThatDoesNotComeUp) {
  NotingConsumer consumer;
  consumer.activate_status = Status(StatusCode::kInvalid, "no such mode");
  lane_ = Lane::Create(Options(), consumer, {hub_, log_->Ring(), *files_, cursors_});
  const Status up = lane_->Activate(seconds(20));
  EXPECT_EQ(up.message(), "no such mode");
  Logons(1);
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_TRUE(consumer.Notes().empty());
}

/// A consumer that leaves every event open, and the lane that drives it.
class ALaneWithOpenEvents : public ALane {
 protected:
  void SetUp() override {
    ALane::SetUp();
    consumer_.Open();
    consumer_.answer = [](Seq) { return Outcome::kPending; };
    Start(consumer_, Options());
  }

  bool Complete(Seq seq, Status how = {}) {
    return consumer_.completions.load()->Complete(seq, std::move(how));
  }
  bool Delivered(size_t count) {
    return Eventually([this, count] { return consumer_.Notes().size() >= count; });
  }
  bool Saved(Seq seq) {
    return Eventually([this, seq] {
      const auto cursor = cursors_.Load("noting");
      return cursor.ok() && cursor.value() == StoredCursor{seq, ""};
    });
  }

  NotingConsumer consumer_;
};

TEST_F(ALaneWithOpenEvents, KeepsItsCursorBelowTheLowestAndWakesWhenOneEnds) {
  Logons(3);
  ASSERT_TRUE(Delivered(3));
  EXPECT_EQ(lane_->Progress().acknowledged, 0U);
  EXPECT_TRUE(Complete(2));
  EXPECT_TRUE(Complete(1));
  EXPECT_TRUE(Saved(2));
  EXPECT_EQ(lane_->Progress().acknowledged, 2U);
  EXPECT_FALSE(Complete(1));
  EXPECT_TRUE(Complete(3));
  EXPECT_TRUE(Saved(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_FALSE(Complete(9));
}

TEST_F(ALaneWithOpenEvents, CountsWhatIsOfNoConcernOnlyOnceTheyHaveEnded) {
  Logons(1);
  ASSERT_TRUE(Delivered(1));
  Commit({EventType::kSessionLocked});
  EXPECT_EQ(lane_->Progress().acknowledged, 0U);
  EXPECT_TRUE(Complete(1));
  EXPECT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALaneWithOpenEvents, WaitsBeforeTheSeventeenth) {
  Logons(20);
  ASSERT_TRUE(Delivered(16));
  EXPECT_TRUE(Complete(7));
  ASSERT_TRUE(Delivered(17));
  EXPECT_EQ(consumer_.Notes().back(), "17");
  EXPECT_FALSE(Complete(18)) << "it waits, so it is not open";
  EXPECT_TRUE(lane_->Stop(seconds(20))) << "also while it waits";
  EXPECT_EQ(consumer_.Notes().size(), 18U);
  EXPECT_EQ(consumer_.Notes().back(), "down");
}

TEST_F(ALaneWithOpenEvents, HandsThemOverAgainAfterARestart) {
  Logons(3);
  ASSERT_TRUE(Delivered(3));
  EXPECT_TRUE(Complete(1));
  EXPECT_TRUE(Complete(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));
  NotingConsumer later;
  later.Open();
  later.as_of = 3;
  LaneOptions options = Options();
  options.redelivered_through = 3;
  Start(later, options);
  ASSERT_TRUE(Finished(3));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(later.Notes(), (std::vector<std::string>{"again 2", "again 3", "down"}));
}

TEST_F(ALaneWithOpenEvents, TellsTheConsumerWhichFailedAndSkipsThem) {
  Logons(1);
  ASSERT_TRUE(Delivered(1));
  EXPECT_TRUE(Complete(1, {StatusCode::kInternal, "no coffee"}));
  EXPECT_TRUE(Saved(1));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer_.Notes(), (std::vector<std::string>{"1", "failed 1: no coffee", "down"}));
}

TEST_F(ALaneWithOpenEvents, TakesInWhatEndsWhileTheConsumerStops) {
  Logons(2);
  ASSERT_TRUE(Delivered(2));
  consumer_.stop = [this] { EXPECT_TRUE(Complete(1)); };
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, ""}));
}

TEST_F(ALaneWithOpenEvents, GoesDownWhenOneThatFailsIsTheLastStrike) {
  Logons(17);
  ASSERT_TRUE(Delivered(16));
  consumer_.exhausted_by_failure = true;
  EXPECT_TRUE(Complete(1, {StatusCode::kInternal, "no"}));
  ASSERT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
  EXPECT_EQ(cursors_.Load("noting").value(), (StoredCursor{1, "quarantined"}));
  EXPECT_EQ(std::ranges::count(consumer_.Notes(), "17"), 0);
}

TEST_F(ALane, TriesAnEventAgainWhileLaterOnesWait) {
  NotingConsumer consumer;
  consumer.Open();
  int tries = 0;
  consumer.answer = [&tries](Seq seq) {
    return seq == 1 && ++tries < 4 ? Outcome::kRetry : Outcome::kDone;
  };
  LaneOptions options = Options();
  options.retry = {milliseconds(1), milliseconds(2), seconds(20)};
  Start(consumer, options);
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "1", "1", "1", "2", "down"}));
}

TEST_F(ALane, SkipsAnEventThatWasTriedForTooLong) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq seq) { return seq == 1 ? Outcome::kRetry : Outcome::kDone; };
  LaneOptions options = Options();
  options.retry = {milliseconds(1), milliseconds(1), milliseconds(3)};
  Start(consumer, options);
  Logons(2);
  ASSERT_TRUE(Finished(2));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  const auto notes = consumer.Notes();
  EXPECT_EQ(std::ranges::count_if(
                notes, [](const std::string& note) { return note.starts_with("failed 1: "); }),
            1);
  EXPECT_EQ(notes[notes.size() - 2], "2");
}

TEST_F(ALane, CanBeStoppedWhileAnEventWaitsForItsNextTryWhichIsNotAcknowledged) {
  NotingConsumer consumer;
  consumer.Open();
  consumer.answer = [](Seq) { return Outcome::kRetry; };
  LaneOptions options = Options();
  options.retry = {seconds(1000), seconds(1000), seconds(1000)};
  Start(consumer, options);
  Logons(1);
  ASSERT_TRUE(Eventually([&consumer] { return !consumer.Notes().empty(); }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
  EXPECT_EQ(consumer.Notes(), (std::vector<std::string>{"1", "down"}));
  EXPECT_FALSE(cursors_.Load("noting").value().has_value());
}

TEST_F(ALane, LetsItsConsumerDoWhatIsDueThoughNothingComes) {
  NotingConsumer consumer;
  consumer.tend_at = Condition::TimePoint();
  Start(consumer, Options());
  EXPECT_TRUE(Eventually([&consumer] { return consumer.tended > 2; }));
  EXPECT_TRUE(lane_->Stop(seconds(20)));
}

TEST_F(ALane, SaysThatItsConsumerIsStuckAndCanStillBeStoppedLater) {
  NotingConsumer consumer;
  Start(consumer, Options());
  Logons(1);
  ASSERT_TRUE(Eventually([&consumer] { return consumer.Notes().size() == 1; }));
  EXPECT_FALSE(lane_->Stop(milliseconds(1)));
  consumer.Open();
  EXPECT_TRUE(Eventually([&consumer] { return consumer.Notes().back() == "down"; }));
  EXPECT_TRUE(Eventually([this] { return !lane_->Progress().running; }));
}

}  // namespace
}  // namespace broker
