#include <chrono>
#include <cstdio>
#include <string>

#include "sdk/check/check.h"
#include "sdk/check/checks/play.h"
#include "sdk/check/platform/this_process.h"

namespace broker::check {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr uint64_t kLoggedEvents = 1000;
constexpr uint64_t kMostLinesPerEvent = 10;
constexpr uint64_t kMostBytesPerEvent = 16UL << 10U;
constexpr seconds kMillionBudget{10};
constexpr seconds kMemoryBudget{5};
constexpr uint64_t kClockEvery = 64;
constexpr uint64_t kWarmUp = 20'000;
constexpr uint64_t kMeasured = 100'000;
constexpr uint64_t kLeastGrowth = 512UL << 10U;  ///< Below it may be anything.
constexpr uint64_t kMostPerEvent = 4;
constexpr uint64_t kInstances = 100;
constexpr uint64_t kMostPerInstance = 256;
constexpr uint64_t kFuzzEvents = 400;

std::string Figure(double number, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f %s", number, unit);
  return text;
}

std::string Each(const ProbeCounts& counts) {
  if (counts.events == 0) return "none of them for it";
  return Grouped(counts.events) + " of them for it, " +
         Figure(static_cast<double>(counts.event_ns) / 1000 / static_cast<double>(counts.events),
                "µs each");
}

/// Plays until `count` or the time is up; answers how many.
uint64_t PlayFor(Subject& subject, Story& story, uint64_t count, seconds budget) {
  const auto deadline = steady_clock::now() + budget;
  uint64_t played = 0;
  while (played < count && (played % kClockEvery != 0 || steady_clock::now() < deadline)) {
    subject.Deliver(story.Next());
    ++played;
  }
  subject.Settle();
  return played;
}

Finding Grows(const std::string& how) {
  return {Verdict::kFail, "grows: " + how,
          "free what you allocate; bound what you keep, or drop what is old",
          "sdk/README.md, Threads and memory"};
}

void MeasureEvents(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(11, Story::Kind::kOrderly);
  PlayFor(*subject, story, kWarmUp, kMemoryBudget);
  const uint64_t calls = subject->Counts().events;
  const uint64_t before = HeapBytes();
  PlayFor(*subject, story, kMeasured, kMemoryBudget);
  const uint64_t after = HeapBytes();
  const uint64_t measured = subject->Counts().events - calls;
  subject->Deactivate();
  const uint64_t grown = after > before ? after - before : 0;
  bench.Note(Figure(static_cast<double>(grown) / 1024, "KiB") + " more after " + Grouped(measured) +
             " events");
  if (grown < kLeastGrowth || grown / std::max<uint64_t>(measured, 1) < kMostPerEvent) return;
  throw Grows("each event leaves " + std::to_string(grown / std::max<uint64_t>(measured, 1)) +
              " bytes behind, " + Figure(static_cast<double>(grown) / 1048576, "MiB") + " after " +
              Grouped(measured));
}

void MeasureInstances(Workbench& bench) {
  const auto live = [&](uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) bench.Start()->Deactivate();
  };
  live(kInstances / 10);
  const uint64_t before = HeapBytes();
  live(kInstances);
  const uint64_t after = HeapBytes();
  const uint64_t each = after > before ? (after - before) / kInstances : 0;
  if (each <= kMostPerInstance) return;
  throw Grows("each instance leaves " + std::to_string(each) + " bytes behind after destroy()");
}

/// One stream, the same for the same seed.
class Fuzzer {
 public:
  Fuzzer(Workbench& bench, uint64_t seed)
      : bench_(bench),
        random_(seed),
        wild_(seed % 4 != 0),
        story_(seed, wild_ ? Story::Kind::kWild : Story::Kind::kOrderly) {}

  /// Answers the first failure that a wild stream led to, which it may.
  std::string Run() {
    subject_ = bench_.Start();
    for (uint64_t i = 0; i < kFuzzEvents; ++i) Step();
    Tolerate([&] { subject_->Settle(); });
    Tolerate([&] { subject_->Deactivate(); });
    return failure_;
  }

 private:
  void Step() {
    switch (random_() % 64) {
      case 0:
        return Tolerate([&] { subject_->ShowSnapshot(); });
      case 1:
        Tolerate([&] { subject_->Deactivate(); });
        subject_ = bench_.Start();
        return;
      case 2:
        return Tolerate([&] { subject_->Settle(); });
      default:
        break;
    }
    const Event event = story_.Next();
    const Arrival arrival{random_() % 8 == 0, random_() % 8 == 0};
    Tolerate([&] { subject_->Deliver(event, arrival); });
  }

  template <class Body>
  void Tolerate(Body&& body) {
    try {
      body();
    } catch (const Finding& finding) {
      if (!wild_) throw;
      if (failure_.empty()) failure_ = finding.text;
    }
  }

  Workbench& bench_;
  std::mt19937_64 random_;
  const bool wild_;
  Story story_;
  std::unique_ptr<Subject> subject_;
  std::string failure_;
};

}  // namespace

void CheckStorage(Workbench& bench) {
  const Status full(StatusCode::kNoSpace, "no space left on device");
  const auto refused = bench.Make();
  refused->Files().Fail(full);
  if (refused->Activate().ok()) Tolerantly([&] { refused->Deactivate(); });
  const auto subject = bench.Start();
  subject->Files().Fail(full);
  Story story(10, Story::Kind::kOrderly);
  for (uint64_t i = 0; i < kLoggedEvents; ++i) {
    Tolerantly([&] { subject->Deliver(story.Next()); });
  }
  Tolerantly([&] { subject->Deactivate(); });
}

void CheckLog(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(12, Story::Kind::kOrderly);
  Play(*subject, story, kLoggedEvents);
  subject->Settle();
  const uint64_t events = std::max<uint64_t>(subject->Counts().events, 1);
  const uint64_t lines = subject->LogLines() / events;
  const uint64_t bytes = subject->LogBytes() / events;
  subject->Deactivate();
  if (lines <= kMostLinesPerEvent && bytes <= kMostBytesPerEvent) return;
  throw Finding{Verdict::kFail,
                "writes " + Grouped(lines) + " lines, " + Grouped(bytes) +
                    " bytes, into the log for each event",
                "log what an administrator needs: a line an event at most, or on a key of your "
                "configuration",
                "usher/ext/log.h"};
}

void CheckMillion(Workbench& bench) {
  const auto subject = bench.Start();
  Story story(13, Story::Kind::kOrderly);
  const auto begin = steady_clock::now();
  const uint64_t played = PlayFor(*subject, story, bench.Options().events, kMillionBudget);
  const std::chrono::duration<double> took = steady_clock::now() - begin;
  const ProbeCounts counts = subject->Counts();
  subject->Deactivate();
  bench.Note(Grouped(played) + " events in " + Figure(took.count(), "s") + ", " + Each(counts));
}

void CheckMemory(Workbench& bench) {
  MeasureEvents(bench);
  MeasureInstances(bench);
}

void CheckFuzz(Workbench& bench) {
  const uint64_t first = bench.Options().seed;
  const uint64_t runs = bench.Options().fuzz_runs;
  uint64_t failures = 0;
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    bench.Calls().SetSeed(seed);
    const std::string failure = Fuzzer(bench, seed).Run();
    if (failure.empty() || ++failures != 1) continue;
    bench.Note("seed " + std::to_string(seed) + ", which no broker would send, " + failure);
  }
  bench.Note(Grouped(runs) + " streams of " + std::to_string(kFuzzEvents) + " events, seeds " +
             std::to_string(first) + " to " + std::to_string(first + runs - 1));
}

}  // namespace broker::check
