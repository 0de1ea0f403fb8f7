#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event_type.h"

namespace broker {

/// Where on the way to a running agent something failed.
enum class LaunchStage : int32_t {
  kPolicy = 0,   ///< It may not be launched, or its program is not trusted.
  kSession,      ///< Its session was looked up.
  kToken,        ///< Whose rights it gets was found out.
  kEnvironment,  ///< Its environment was made, or what it waits for did not come.
  kSpawn,        ///< It was started.
  kEarlyExit,    ///< It ran, and ended too soon.
};

/// "policy", "session", "token", "environment", "spawn", "early exit".
[[nodiscard]] std::string_view Name(LaunchStage stage);

/// What is to be done about a failure.
enum class Remedy : int32_t {
  kRetry = 0,  ///< Again, later each time.
  kDefer,      ///< Wait for an event of the session; nothing is wrong.
  kFix,        ///< It fails until somebody does what the advice says.
  kDrop,       ///< The session is gone; nothing is wrong.
};

/// "retry", "defer", "fix", "drop".
[[nodiscard]] std::string_view Name(Remedy remedy);

/// Of which system a code is.
enum class CodeSystem : int32_t { kAny = 0, kWindows, kLinux };

[[nodiscard]] std::string_view Name(CodeSystem system);  ///< "any", "windows", "linux".

/// Why an agent did not start, and what is to be done about it. A value.
struct LaunchFailure {
  LaunchStage stage = LaunchStage::kPolicy;
  std::string call;     ///< What failed, "StartTransientUnit"; may be empty.
  int32_t code = 0;     ///< The system's code; 0 where there is none.
  std::string meaning;  ///< A sentence.
  Remedy remedy = Remedy::kFix;
  EventType until = EventType::kUnknown;  ///< kDefer: what to wait for.
  std::string advice;                     ///< What to do, a sentence.
};

/// One row of the table of failures: a condition, and what is to be done about it. Static data.
struct FailureRow {
  std::string_view id;  ///< A name for people: "no-user-token".
  CodeSystem system = CodeSystem::kAny;
  LaunchStage stage = LaunchStage::kPolicy;
  std::string_view call;  ///< Empty: any call of the stage.
  int32_t code = 0;
  std::string_view symbol;   ///< The code's name, "ERROR_NO_TOKEN".
  std::string_view meaning;  ///< A sentence.
  Remedy remedy = Remedy::kFix;
  EventType until = EventType::kUnknown;
  std::string_view advice;  ///< A sentence.
};

/// All rows, those of one stage together, the more particular ones first.
/// Source: what agents' makers have met, and Windows' and systemd's documentation; each row is
/// named in FAILURES.md, which is made from this table.
[[nodiscard]] std::span<const FailureRow> FailureRows();

/// What is to be done about `code` of `call` at `stage`; where no row fits, it is tried again, and
/// `otherwise` is the sentence. Pure.
[[nodiscard]] LaunchFailure Explain(CodeSystem system, LaunchStage stage, std::string_view call,
                                    int32_t code, std::string_view otherwise);

/// The rows for a code as people have it, "1008", "0xC0000142", "ERROR_NO_TOKEN", "203" or a row's
/// id; maybe several. For `usherctl explain`.
[[nodiscard]] std::vector<const FailureRow*> FindRows(std::string_view code);

}  // namespace broker
