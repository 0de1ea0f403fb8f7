#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "counter.h"

namespace bench {

/// Moments at an even rate, the first one now. Who comes late goes on without a pause.
class Pace {
 public:
  explicit Pace(int64_t per_second) : step_(1'000'000'000 / per_second) {}

  void WaitForNext() {
    std::this_thread::sleep_until(next_);
    next_ += step_;
  }

 private:
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now();
  const std::chrono::nanoseconds step_;
};

/// Shows the median and the 99th percentile of latencies given in nanoseconds, as microseconds.
inline void ShowLatencies(benchmark::State& state, std::vector<int64_t> latencies) {
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&latencies](double part) {
    const auto index = static_cast<size_t>(part * static_cast<double>(latencies.size() - 1));
    return static_cast<double>(latencies[index]) / 1e3;
  };
  state.counters["median_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
}

/// Sets the one iteration's time, and how many of a thing were done in it.
inline void ShowRate(benchmark::State& state, uint64_t count, int64_t nanoseconds) {
  const double elapsed = static_cast<double>(nanoseconds) / 1e9;
  state.SetIterationTime(elapsed);
  state.counters["per_second"] = static_cast<double>(count) / elapsed;
}

}  // namespace bench
