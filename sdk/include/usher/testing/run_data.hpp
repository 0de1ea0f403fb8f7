// usher/testing/run_data.hpp: programs that were to be run, and how they end.
#ifndef USHER_TESTING_RUN_DATA_HPP
#define USHER_TESTING_RUN_DATA_HPP

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "usher/ext/run.h"

namespace usher {
namespace testing {

/// A program that was to be run.
struct StartedRun {
  usher_run run = 0;
  usher_run_user run_as = USHER_RUN_AS_ROOT;
  std::string program;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> variables;
  std::string input;
  std::string session_id;
  std::string directory;
  int64_t time_limit_us = 0;
  size_t output_limit = 0;
  uint64_t cause = 0;  ///< 0 = no event was at hand.
};

/// How a test lets it end.
struct RunOutcome {
  usher_run_end end = USHER_RUN_EXITED;
  int32_t code = 0;
  std::string stage;
  std::string call;
  std::string meaning;
  std::string output;
  uint64_t output_dropped = 0;
  int64_t duration_us = 1000;
};

}  // namespace testing
}  // namespace usher

#endif
