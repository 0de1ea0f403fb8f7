// The whole broker in this process: what it carries, and how long an event is under way.

#include <optional>

#include <benchmark/benchmark.h>

#include "environment.h"
#include "pace.h"
#include "page_cache.h"
#include "placement.h"
#include "rig.h"

namespace bench {
namespace {

constexpr uint64_t kEvents = 200'000;
constexpr uint64_t kSyncedEvents = 50'000;
constexpr uint64_t kWarmUp = 1'000;
constexpr double kSecondsOfLatency = 2;

/// Lets `count` events happen at once; answers how long it took until all instances had seen them.
int64_t Run(Rig& rig, uint64_t count) {
  const broker::Seq first = rig.NextSeq();
  const int64_t begin = Counter::Nanoseconds();
  for (uint64_t i = 0; i < count; ++i) rig.Act();
  rig.WaitUntilSeen(first + count - 1);
  return Counter::Nanoseconds() - begin;
}

void Throughput(benchmark::State& state, const RigOptions& options, uint64_t usual) {
  const uint64_t count = Events(usual);
  Rig rig(options);
  Run(rig, kWarmUp);
  WarmPageCache(count);
  for (auto _ : state) ShowRate(state, count, Run(rig, count));
}

/// From the source's report to within the plugin.
void Latency(benchmark::State& state, const RigOptions& options, int64_t per_second) {
  const auto count =
      Events(static_cast<uint64_t>(kSecondsOfLatency * static_cast<double>(per_second)));
  std::optional<Stay> stay;
  if (options.placement == Placement::kNear) stay.emplace(kSendersProcessor);
  Rig rig(options);
  if (options.placement == Placement::kFar) stay.emplace(kSendersProcessor);
  Run(rig, kWarmUp);
  std::vector<int64_t> sent(count);
  std::vector<int64_t> arrived(count);
  const broker::Seq first = rig.NextSeq();
  rig.NoteWay(first, sent, arrived);
  for (auto _ : state) {
    const int64_t begin = Counter::Nanoseconds();
    Pace pace(per_second);
    for (uint64_t i = 0; i < count; ++i) {
      pace.WaitForNext();
      rig.Act();
    }
    rig.WaitUntilSeen(first + count - 1);
    state.SetIterationTime(static_cast<double>(Counter::Nanoseconds() - begin) / 1e9);
  }
  for (size_t i = 0; i < count; ++i) arrived[i] -= sent[i];
  ShowLatencies(state, std::move(arrived));
}

void Register(const std::string& name, void (*run)(benchmark::State&, const RigOptions&, uint64_t),
              const RigOptions& options, uint64_t number) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [run, options, number](benchmark::State& state) { run(state, options, number); })
      ->Iterations(1)
      ->UseManualTime();
}

void RunLatency(benchmark::State& state, const RigOptions& options, uint64_t per_second) {
  Latency(state, options, static_cast<int64_t>(per_second));
}

}  // namespace

void RegisterPipeline() {
  using broker::SyncMode;
  Register("pipeline/never", Throughput, {}, kEvents);
  Register("pipeline/always", Throughput, {.sync = SyncMode::kAlways}, kSyncedEvents);
  for (const size_t sessions : {10, 1'000, 10'000}) {
    Register("cost/sessions:" + std::to_string(sessions), Throughput, {.sessions = sessions},
             kEvents);
  }
  for (const size_t instances : {1, 8, 32}) {
    Register("cost/instances:" + std::to_string(instances), Throughput, {.instances = instances},
             kEvents);
  }
  const auto register_latency = [](const char* name, SyncMode sync, Placement placement,
                                   uint64_t per_second) {
    Register(name, RunLatency,
             {.sync = sync, .instances = 1, .placement = placement, .clocked = true}, per_second);
  };
  register_latency("latency/never/1000/near", SyncMode::kNever, Placement::kNear, 1'000);
  register_latency("latency/never/1000/far", SyncMode::kNever, Placement::kFar, 1'000);
  register_latency("latency/never/20000", SyncMode::kNever, Placement::kFree, 20'000);
  register_latency("latency/always/1000/near", SyncMode::kAlways, Placement::kNear, 1'000);
}

}  // namespace bench
