// A writer that is killed, or whose machine loses its power, at any moment: between any two changes
// of the disk, while it starts and while it stops, again and again. Whatever is left, the next one
// accounts for every number.
//
// Each run draws the same stories; --gtest_shuffle --gtest_repeat=1000 draws others.

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "eventlog/reader.h"
#include "eventlog/verify.h"
#include "tests/support/disk_in_memory.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/written_log.h"

namespace broker::testing {
namespace {

using std::chrono::steady_clock;

constexpr uint32_t kStories = 200;
constexpr int kLives = 10;
constexpr std::chrono::seconds kAtMost{10};  // Of a run: sanitizers are slow.
constexpr std::chrono::seconds kPatience{20};
constexpr uint32_t kManyBytes = 1U << 20U;
constexpr int64_t kStart = 1'700'000'000'000'000;
const char* const kDirectory = "/log";

/// One log, and all that was seen of it, over many writers.
class Story {
 public:
  explicit Story(uint32_t seed) : random_(seed), disk_(seed) {}

  /// One writer, from its start to its end, and what the next one makes of what it left.
  void Live();

 private:
  uint32_t Draw(uint32_t most) { return random_() % (most + 1); }
  bool Chance(uint32_t percent) { return Draw(99) < percent; }
  void DrawOptions();
  void DrawFault(FaultScript& script);
  Event DrawEvent();

  void Work(LogWriter& writer);
  void Advance(LogWriter& writer);
  [[nodiscard]] bool Settle(LogWriter& writer);
  void Deliver(const Batch& batch, Seq logged);

  void CheckWhatIsLeft();
  void CheckLog(FileSystem& files);
  void ExpectAsSeen(const std::map<Seq, std::string>& found) const;

  std::mt19937 random_;
  DiskInMemory disk_;
  LogOptions options_;
  Machine machine_{"0123456789abcdef0123456789abcdef", ""};
  bool faulty_ = false;
  int64_t events_ = 0;
  std::map<Seq, std::string> seen_;  ///< Every event that was delivered.
  std::set<Seq> written_;            ///< Those that are in the log as long as there is power…
  std::set<Seq> durable_;            ///< …and those that are for good.
  Seq synced_ = 0;                   ///< No log ends before this event.
};

void Story::DrawOptions() {
  constexpr std::array kModes{SyncMode::kAlways, SyncMode::kInterval, SyncMode::kNever};
  options_.directory = kDirectory;
  options_.sync = kModes.at(Draw(2));
  options_.sync_interval = std::chrono::milliseconds(Draw(1));
  options_.retry = std::chrono::milliseconds(0);
  options_.segment_bytes = 1500 + Draw(3000);
  options_.total_bytes = Chance(30) ? 3 * options_.segment_bytes : kManyBytes;
  options_.segment_age_us = Chance(20) ? 10 : 0;
  options_.total_age_us = Chance(20) ? 30 : 0;
  options_.ring_bytes = Chance(20) ? 4000 : kManyBytes;
  if (machine_.boot_id.empty() || Chance(25)) {
    machine_.boot_id.assign(32, static_cast<char>('0' + Draw(9)));
  }
}

void Story::DrawFault(FaultScript& script) {
  constexpr std::array kCalls{Call::kAppend, Call::kSync, Call::kOpenAppend, Call::kSyncDirectory};
  faulty_ = Chance(15);
  if (!faulty_) return;
  script.Add(
      {.call = kCalls.at(Draw(3)), .times = 1 + static_cast<int>(Draw(3)), .written = Draw(200)});
}

Event Story::DrawEvent() {
  ++events_;
  return MakeBrokerEvent(
      EventType::kPluginFailed, {kStart + events_, 1000 + events_},
      {{"number", std::to_string(events_)}, {"text", std::string(Draw(300), 'x')}});
}

void Story::Live() {
  DrawOptions();
  disk_.EndAfter(Draw(Chance(50) ? 20 : 150));
  {
    FaultScript script;
    FaultyFileSystem files(script, disk_.Mount());
    LogRecovery recovery;
    const auto writer = LogWriter::Open(files, options_, machine_, recovery);
    ASSERT_TRUE(writer.ok()) << writer.status().message();
    if (!disk_.HasEnded()) durable_.merge(written_);
    DrawFault(script);
    ASSERT_NO_FATAL_FAILURE(Work(*writer.value()));
  }
  const bool power = Chance(70);
  disk_.Restart(power ? DiskInMemory::End::kPowerLost : DiskInMemory::End::kKilled);
  if (power) written_.clear();
  // Once the old segments went by size, the last one may be all there is; while it is replaced by
  // another one, there is none.
  if (options_.total_bytes < kManyBytes) synced_ = 0;
  CheckWhatIsLeft();
}

void Story::Work(LogWriter& writer) {
  for (uint32_t steps = Draw(30); steps != 0 && !disk_.HasEnded(); --steps) {
    std::vector<Event> events;
    for (uint32_t count = Draw(3); count != 0; --count) events.push_back(DrawEvent());
    writer.Append(std::move(events));
    Advance(writer);
    const bool settled = Chance(70) || Settle(writer);
    ASSERT_TRUE(settled) << writer.Health().trouble;
    if (Chance(10)) writer.SyncSoon();
  }
  const bool closed = Chance(70) || writer.Close(steady_clock::now() + kPatience);
  ASSERT_TRUE(closed);
}

void Story::Advance(LogWriter& writer) {
  const std::vector<BatchRef> batches = writer.Advance(NoSessions);
  // If the end has come, what is told now may be true only of a disk that went on.
  if (disk_.HasEnded()) return;
  for (const BatchRef& batch : batches) Deliver(*batch, writer.Ring().Logged());
  for (const std::set<Seq>* const logged : {&written_, &durable_}) {
    const auto behind = logged->upper_bound(writer.Ring().Synced());
    if (behind != logged->begin()) synced_ = std::max(synced_, *std::prev(behind));
  }
}

bool Story::Settle(LogWriter& writer) {
  const auto deadline = steady_clock::now() + kPatience;
  while (steady_clock::now() < deadline) {
    Advance(writer);
    const LogHealth health = writer.Health();
    const bool synced = health.synced_seq == health.last_seq;
    if (health.unwritten == 0 && (synced || options_.sync == SyncMode::kNever)) return true;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return false;
}

void Story::Deliver(const Batch& batch, Seq logged) {
  for (size_t i = 0; i < batch.events.size(); ++i) {
    const Seq seq = batch.events[i].seq;
    const auto [known, is_new] = seen_.emplace(seq, batch.Line(i));
    EXPECT_EQ(known->second, batch.Line(i)) << "a number is given twice";
    if (seq > logged) continue;
    if (options_.sync == SyncMode::kAlways) durable_.insert(seq);
    // Else a sync that fails may take it back.
    if (!faulty_) written_.insert(seq);
  }
}

/// On a copy of the disk: the one of the story goes on as it is.
void Story::CheckWhatIsLeft() {
  DiskInMemory disk(0);
  disk.SetContent(disk_.Content());
  const auto files = disk.Mount();
  LogOptions options = options_;
  options.sync = SyncMode::kAlways;
  LogRecovery recovery;
  auto opened = LogWriter::Open(*files, options, machine_, recovery);
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  EXPECT_GE(recovery.sessions.as_of, synced_);
  {
    const ClosingLog writer(std::move(opened).value().release());
    writer->Append({MakeBrokerEvent(EventType::kSourceLost, {kStart + events_, 1})});
    writer->Advance(NoSessions);
  }
  CheckLog(*files);
}

void Story::CheckLog(FileSystem& files) {
  const auto result = VerifyLog(files, kDirectory, [](const LogDefect& defect) {
    ADD_FAILURE() << defect.file << ":" << defect.line << ": " << defect.what;
  });
  EXPECT_TRUE(result.ok()) << result.status().message();
  std::map<Seq, std::string> found;
  LogReader reader(files, kDirectory);
  StoredEvent stored;
  while (true) {
    const auto next = reader.Read(stored);
    ASSERT_TRUE(next.ok()) << next.status().message();
    if (next.value() == LogReader::Next::kEnd) break;
    found.emplace(stored.event.seq, stored.line);
  }
  ExpectAsSeen(found);
}

void Story::ExpectAsSeen(const std::map<Seq, std::string>& found) const {
  ASSERT_FALSE(found.empty());
  for (const auto& [seq, line] : seen_) {
    const auto there = found.find(seq);
    if (there != found.end()) {
      EXPECT_EQ(there->second, line) << "a number is given twice";
    } else if (seq > found.begin()->first) {
      const bool logged = written_.contains(seq) || durable_.contains(seq);
      EXPECT_FALSE(logged) << seq << " was delivered as logged";
    }
  }
}

TEST(ALogThatEndsAtAnyMoment, AccountsForEveryNumber) {
  const auto first = static_cast<uint32_t>(::testing::UnitTest::GetInstance()->random_seed());
  const auto end = steady_clock::now() + kAtMost;
  for (uint32_t i = 0; i < kStories && steady_clock::now() < end; ++i) {
    const uint32_t seed = first * kStories + i;
    Story story(seed);
    for (int life = 0; life < kLives; ++life) {
      SCOPED_TRACE("story " + std::to_string(seed) + ", life " + std::to_string(life));
      story.Live();
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace broker::testing
