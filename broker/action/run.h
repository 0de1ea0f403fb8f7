#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/session.h"

namespace broker {

/// One run of a program: never 0, never used again while the process lives.
using RunId = uint64_t;

/// Whose rights a program gets.
enum class RunAs : int32_t { kRoot = 0, kSessionUser };

[[nodiscard]] std::string_view Name(RunAs who);

/// What to run, and how. A value.
struct RunOrder {
  using Variables = std::vector<std::pair<std::string, std::string>>;

  std::string instance;  ///< Who asks.
  RunAs run_as = RunAs::kRoot;
  std::string program;                 ///< An absolute path.
  std::vector<std::string> arguments;  ///< Without the program's own name.
  Variables variables;                 ///< Beside those that every program gets.
  std::string input;                   ///< All of its standard input.
  std::string directory;               ///< Where it starts; empty: home, for root "/".
  std::chrono::microseconds time_limit{0};
  size_t output_limit = 0;  ///< How many bytes of its output are kept.
  SessionRef session;       ///< The one it is about; with kSessionUser never null.
  int64_t asked_us = 0;     ///< When, monotonic, by the instance's own time.
};

/// How a run can end.
enum class RunEndKind : int32_t {
  kExited = 0,
  kSignaled,
  kTimedOut,
  kNotStarted,
  kLost,       ///< It ran; how it ended cannot be known.
  kCancelled,  ///< Somebody asked for its end.
};

/// "exited", "signaled", "timed_out", …, as in the events.
[[nodiscard]] std::string_view Name(RunEndKind kind);

/// How a run ended. A value.
struct RunEnd {
  RunEndKind kind = RunEndKind::kExited;
  int32_t code = 0;      ///< Exit code, or signal; of what was not started the system's code, or 0.
  std::string stage;     ///< kNotStarted: "policy", "session", "prepare" or "start".
  std::string call;      ///< kNotStarted: what failed.
  std::string meaning;   ///< A sentence.
  std::string output;    ///< The begin of standard output and error, as it came.
  uint64_t dropped = 0;  ///< So many bytes of it more were not kept.
  std::chrono::microseconds duration{0};
};

/// The end of a program that ran, with its sentence: "exited with code 3".
[[nodiscard]] RunEnd EndOfProgram(RunEndKind kind, int32_t code);

/// The end of one that did not: `why` is a sentence.
[[nodiscard]] RunEnd NotStarted(std::string_view stage, std::string_view call, int32_t code,
                                std::string_view why);

}  // namespace broker
