#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "action/run.h"
#include "event/mutex.h"

namespace broker {

/// How a scenario has runs of programs end; those of which nothing is said exit with 0. A value.
struct RunRule {
  int64_t at_us = 0;    ///< From when on, monotonic.
  std::string program;  ///< Its path; empty: every one.
  std::string session;  ///< The key of the session that the run is about; empty: every one.
  std::string user;     ///< That session's user; empty: every one.

  // For how many runs; or, with `lasting_us`, for all of that time.
  int64_t times = 1;
  int64_t lasting_us = 0;

  RunEnd end;
};

/// What is said of runs, in the order in which it is. Thread-safe.
class RunScript {
 public:
  /// Not earlier than the ones before.
  void Add(RunRule rule);

  /// How this run ends; it has been one of the rule's `times` then.
  [[nodiscard]] RunEnd EndOf(const RunOrder& order);

 private:
  Mutex mutex_;
  std::vector<RunRule> rules_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
