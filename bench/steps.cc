// What one event costs, step by step.

#include <benchmark/benchmark.h>

#include "busy_desktop.h"
#include "eventlog/codec.h"
#include "eventlog/event_encoder.h"
#include "eventlog/json_pen.h"

namespace bench {
namespace {

constexpr size_t kLines = 1'000;

void Encode(benchmark::State& state) {
  const std::vector<broker::Event> events = MakeEvents(kLines);
  broker::EventEncoder encoder;
  std::string text;
  broker::JsonPen pen(text);
  size_t next = 0;
  for (auto _ : state) {
    pen.CutTo(0);
    encoder.Encode(pen, events[next]);
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
