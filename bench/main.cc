// Runs the benches that are named: see bench/run, which compares them.

#include <exception>
#include <iostream>

#include <benchmark/benchmark.h>

namespace bench {
void RegisterPipeline();
void RegisterBaselines();
void RegisterSteps();
}  // namespace bench

int main(int argc, char** argv) {
  bench::RegisterPipeline();
  bench::RegisterBaselines();
  bench::RegisterSteps();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::cerr << "usher_bench: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
