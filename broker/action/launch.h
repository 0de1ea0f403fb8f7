#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action/failures.h"
#include "event/session.h"

namespace broker {

/// One agent that was asked for: never 0, never used again while the process lives.
using LaunchId = uint64_t;

/// Whose rights an agent has.
enum class TokenKind : int32_t {
  kUser = 0,
  kElevated,  ///< The user's with all their rights; on Linux as kUser.
  kSystem,    ///< The broker's own.
};

/// On which desktop of the session's window station an agent shows itself. Linux has but one.
enum class DesktopKind : int32_t { kDefault = 0, kWinlogon };

/// What an agent belongs to, and ends with.
enum class LaunchScope : int32_t { kSession = 0, kUser };

/// "user", "elevated", "system", as in configurations.
[[nodiscard]] std::string_view Name(TokenKind token);
[[nodiscard]] std::string_view Name(LaunchScope scope);  ///< "session", "user".

/// Nothing starts with less: /bin/true, as a unit, with the fewest open files that its libraries
/// leave it, or in half of this memory.
inline constexpr uint64_t kLeastMemory = 1U << 20U;
inline constexpr uint64_t kLeastOpenFiles = 5;

/// What one agent may use; 0 = as much as there is.
struct LaunchLimits {
  uint64_t memory_bytes = 0;
  uint64_t tasks = 0;        ///< Processes and threads.
  uint64_t open_files = 0;   ///< Of each process.
  uint64_t cpu_percent = 0;  ///< 100 = one processor.
};

/// What must be there before an agent starts, all of it.
struct Readiness {
  bool display = false;
  bool user_bus = false;
  bool runtime_directory = false;
  bool profile = false;  ///< The user's home.
  std::chrono::microseconds timeout{0};

  [[nodiscard]] bool WantsAnything() const {
    return display || user_bus || runtime_directory || profile;
  }
};

/// Which agent is to run, and how. A value.
struct LaunchOrder {
  using Variables = std::vector<std::pair<std::string, std::string>>;

  std::string instance;  ///< Who asks; with `agent` and the session, or user, it says which one.
  std::string agent;     ///< [a-z0-9-]{1,64}.
  SessionRef session;    ///< Never null; with LaunchScope::kUser one of the user's.
  std::vector<SessionRef> others;  ///< With LaunchScope::kUser: the others of the user's.
  LaunchScope scope = LaunchScope::kSession;
  TokenKind token = TokenKind::kUser;
  DesktopKind desktop = DesktopKind::kDefault;
  std::string program;                 ///< An absolute path.
  std::vector<std::string> arguments;  ///< Without the program's own name.
  Variables variables;                 ///< Beside those that a program of the session has.
  std::string directory;               ///< Where it starts; empty: home, with kSystem "/".
  LaunchLimits limits;
  Readiness ready;
  std::chrono::microseconds stop_time{5'000'000};  ///< From being asked to end to being made to.
  bool keep = true;                                ///< It goes on when the broker ends.
};

/// An agent that is at work.
struct LaunchStart {
  int64_t pid = 0;
  bool adopted = false;  ///< It was at work before it was asked for.
  /// From the order to its start; of one that was adopted how long it has run.
  std::chrono::microseconds duration{0};
};

/// How an agent's time can end.
enum class LaunchEndKind : int32_t {
  kExited = 0,
  kSignaled,
  kStopped,  ///< Somebody asked for its end, or its session is over.
  kLost,     ///< It ran; what became of it cannot be known.
  kFailed,   ///< It did not start.
};

/// "exited", "signaled", "stopped", "lost", "failed", as in the events.
[[nodiscard]] std::string_view Name(LaunchEndKind kind);

/// How an agent's time ended. A value.
struct LaunchEnd {
  LaunchEndKind kind = LaunchEndKind::kExited;
  int32_t code = 0;                       ///< Exit code, or signal.
  CodeSystem system = CodeSystem::kAny;   ///< kExited, kSignaled: of which the code is.
  std::string meaning;                    ///< A sentence; with kFailed that of `failure` counts.
  LaunchFailure failure;                  ///< kFailed; LaunchStage::kEarlyExit of one that ran.
  std::chrono::microseconds duration{0};  ///< How long it ran.

  /// Whether `failure` says something.
  [[nodiscard]] bool IsFailure() const {
    return kind == LaunchEndKind::kFailed || failure.stage == LaunchStage::kEarlyExit;
  }
};

/// Who ends sooner, and not with the exit code 0, has hardly come up. Source: Chromium's remoting
/// host, which takes an agent that has lived for 5 s for a launch that succeeded.
inline constexpr std::chrono::seconds kEarlyExitTime{5};

/// The end of an agent that ran, with its sentence: "it exited with code 3".
[[nodiscard]] LaunchEnd EndOfAgent(LaunchEndKind kind, int32_t code,
                                   std::chrono::microseconds duration);
/// The end of one that did not.
[[nodiscard]] LaunchEnd EndOfFailed(LaunchFailure failure);
/// Where an agent that ran has ended too soon: what that means, and what is to be done about it.
/// `session` is how its session is now.
void ExplainEarlyExit(LaunchEnd& end, SessionIs session);

}  // namespace broker
