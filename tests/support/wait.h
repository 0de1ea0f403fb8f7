#pragma once

#include <chrono>
#include <thread>

namespace broker::testing {

/// Waits until `condition()` holds; false if it does not within a time that only a broken test
/// needs.
template <class Condition>
bool Eventually(Condition condition, std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace broker::testing
