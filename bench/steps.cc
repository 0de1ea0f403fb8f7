// What one event costs, step by step.

#include <benchmark/benchmark.h>

#include "busy_desktop.h"
#include "eventlog/codec.h"
#include "eventlog/line.h"

namespace bench {
namespace {

constexpr size_t kLines = 1'000;

std::vector<broker::Event> MakeEvents() {
  std::vector<broker::Event> events;
  for (const std::string& line : MakeLines(kLines)) {
    events.push_back(
        broker::DecodeEvent(std::string_view(line).substr(0, line.size() - 1)).value());
  }
  return events;
}

void Encode(benchmark::State& state) {
  const std::vector<broker::Event> events = MakeEvents();
  std::string text;
  size_t next = 0;
  for (auto _ : state) {
    text.clear();
    broker::EncodeEvent(text, events[next]);
    benchmark::DoNotOptimize(text.data());
    next = (next + 1) % events.size();
  }
}

void Decode(benchmark::State& state) {
  const std::vector<std::string> lines = MakeLines(kLines);
  size_t next = 0;
  for (auto _ : state) {
    const std::string& line = lines[next];
    benchmark::DoNotOptimize(
        broker::DecodeEvent(std::string_view(line).substr(0, line.size() - 1)));
    next = (next + 1) % lines.size();
  }
}

}  // namespace

void RegisterSteps() {
  benchmark::RegisterBenchmark("step/encode", Encode);
  benchmark::RegisterBenchmark("step/decode", Decode);
}

}  // namespace bench
