#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dispatch/hub.h"
#include "dispatch/lane.h"
#include "eventlog/writer.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"
#include "tests/support/written_log.h"

namespace broker::testing {

inline const Machine kMachine{std::string(32, 'a'), std::string(32, 'b')};

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
    EXPECT_GE(delivered.at, returned_at_) << "the time is the one before " << seq;
    gate.get_future().wait();
    gate = std::promise<void>();
    if (open) gate.set_value();
    const Outcome outcome = answer(seq);
    returned_at_ = CoarseNow();
    return outcome;
  }

  void Failed(Seq seq, uint32_t /*chain*/, const Status& why) override {
    Note("failed " + std::to_string(seq) + ": " + why.message());
    if (exhausted_by_failure) exhausted = true;
    returned_at_ = CoarseNow();
  }
  /// Time has passed on the worker: what is delivered from now on is delivered later.
  void TimePassed() { returned_at_ = CoarseNow(); }
  Condition::TimePoint Tend() override {
    ++tended;
    return tend_at;
  }

  void Skipped(Seq from, Seq to, const std::string& reason) override {
    Note("skip " + std::to_string(from) + "-" + std::to_string(to) + " " + reason);
    returned_at_ = CoarseNow();
  }

  void Troubled(const Status& trouble) override {
    Note("trouble " + trouble.message());
    returned_at_ = CoarseNow();
  }
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
  Condition::TimePoint returned_at_;  ///< From the last call; the worker's.
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

/// A log, and lanes over it.
class LaneFixture : public ::testing::Test {
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
    for (const BatchRef& batch : Write(*log_, std::move(events))) {
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
    const Status up = lane_->Activate(std::chrono::seconds(20));
    ASSERT_TRUE(up.ok()) << up.message();
  }

  bool Finished(Seq seq) {
    return Eventually([this, seq] { return lane_->Progress().acknowledged >= seq; });
  }

  TempDirectory directory_;
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  CursorStore cursors_{*files_, directory_ / "cursors"};
  ClosingLog log_;
  Hub hub_;
  std::atomic<Seq> committed_ = 0;
  std::shared_ptr<Lane> lane_;
};

}  // namespace broker::testing
