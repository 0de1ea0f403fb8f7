#pragma once

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/writer.h"

namespace broker::testing {

inline SessionSnapshot NoSessions() {
  return {};
}

/// A writer that ends as a broker does that is stopped.
struct CloseAndDelete {
  void operator()(LogWriter* log) const {
    EXPECT_TRUE(log->Close(std::chrono::steady_clock::now() + std::chrono::seconds(20)));
    delete log;
  }
};
using ClosingLog = std::unique_ptr<LogWriter, CloseAndDelete>;

/// Lets the log work until it has delivered all that it was given; answers what it delivered.
inline std::vector<BatchRef> Settle(LogWriter& log,
                                    const LogWriter::Sessions& sessions = NoSessions) {
  std::vector<BatchRef> delivered;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    for (BatchRef& batch : log.Advance(sessions)) delivered.push_back(std::move(batch));
    if (!delivered.empty() && delivered.back()->Last() == log.LastSeq()) return delivered;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  ADD_FAILURE() << "the log has not delivered what it was given";
  return delivered;
}

/// Appends the events and waits until they are delivered.
inline std::vector<BatchRef> Write(LogWriter& log, std::vector<Event> events,
                                   const LogWriter::Sessions& sessions = NoSessions) {
  if (events.empty()) return {};
  log.Append(std::move(events));
  return Settle(log, sessions);
}

}  // namespace broker::testing
