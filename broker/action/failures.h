#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event_type.h"
#include "event/session.h"

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

/// Of which system this machine's codes are. Implemented once per system in
/// platform/*/code_system.cc.
[[nodiscard]] CodeSystem ThisCodeSystem() noexcept;

/// How its session is when something has failed.
enum class SessionIs : int32_t {
  kAnyhow = 0,  ///< It does not matter, or nobody has looked.
  kGone,        ///< Ended, or ending.
  kAway,        ///< There, but not in front of its seat: another one is shown, or none.
  kFront,
};

[[nodiscard]] std::string_view Name(SessionIs session);  ///< "anyhow", "gone", "away", "front".

/// How `session` is; null: it is gone.
[[nodiscard]] SessionIs HowIs(const Session* session);

/// Why an agent did not start, and what is to be done about it. A value.
struct LaunchFailure {
  LaunchStage stage = LaunchStage::kPolicy;
  std::string call;     ///< What failed, "StartTransientUnit"; may be empty.
  int32_t code = 0;     ///< The system's code, or the broker's own; 0 where there is none.
  std::string meaning;  ///< A sentence.
  Remedy remedy = Remedy::kFix;
  EventType until = EventType::kUnknown;  ///< kDefer: what to wait for.
  std::string advice;                     ///< What to do, a sentence.
};

/// Codes of the broker's own, where no system was asked: as plugins have them. Source:
/// usher/status.h.
inline constexpr int32_t kInvalidCode = -2;
inline constexpr int32_t kNotFoundCode = -3;
inline constexpr int32_t kNotPermittedCode = -4;
inline constexpr int32_t kLimitCode = -7;
inline constexpr int32_t kIoCode = -9;

/// For rows to which the code, or the stage, does not matter.
inline constexpr auto kAnyCode = std::nullopt;
inline constexpr auto kAnyStage = std::nullopt;

/// One row of the table of failures: a condition, and what is to be done about it. Static data.
struct FailureRow {
  std::string_view id;  ///< A name for people: "no-user-token".
  CodeSystem system = CodeSystem::kAny;
  /// nullopt: any; with a code any but kEarlyExit, where codes are the agent's own.
  std::optional<LaunchStage> stage;
  std::string_view call;        ///< Empty: any call of the stage.
  std::optional<int32_t> code;  ///< nullopt: any.
  std::string_view symbol;      ///< The code's name, "ERROR_NO_TOKEN"; may be empty.
  Remedy remedy = Remedy::kFix;
  std::string_view meaning;               ///< A sentence.
  std::string_view advice;                ///< A sentence.
  EventType until = EventType::kUnknown;  ///< kDefer: what to wait for.
  SessionIs session = SessionIs::kAnyhow;
};

/// All rows; the first that fits counts. Those of any stage come first and last, between them each
/// system's by stage, the more particular ones first.
/// Source: what agents' makers have met, and Windows' and systemd's documentation; each row is
/// named in FAILURES.md, which is made from this table.
[[nodiscard]] std::span<const FailureRow> FailureRows();

/// What is to be done about `code` of `call` at `stage`; where no row fits, it is tried again,
/// `otherwise` is the sentence, and the advice is where to look. `session` is how it is now, not as
/// it was when all began. Pure.
[[nodiscard]] LaunchFailure Explain(CodeSystem system, LaunchStage stage, std::string_view call,
                                    int32_t code, std::string_view otherwise,
                                    SessionIs session = SessionIs::kAnyhow);

/// An order that the broker does not even try: why its check `call` is against it, and what to do
/// where that is known better than the table knows it.
[[nodiscard]] LaunchFailure Refusal(LaunchStage stage, std::string_view call, int32_t code,
                                    std::string why, std::string advice = {});

/// The code that stands for a name in the table: an error of a message bus has a name alone.
[[nodiscard]] std::optional<int32_t> CodeOf(std::string_view symbol);

/// The rows for a code as people have it, "1008", "0xC0000142", "0x80070005", "ERROR_NO_TOKEN",
/// "203", "203/EXEC" or a row's id; maybe several. For `usherctl explain`.
[[nodiscard]] std::vector<const FailureRow*> FindRows(std::string_view code);

/// The code as people have it: "1008", "0xC0000142"; "any" where it does not matter.
[[nodiscard]] std::string CodeText(const FailureRow& row);

}  // namespace broker
