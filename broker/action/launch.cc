#include "action/launch.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 3> kTokens{"user", "elevated", "system"};
constexpr std::array<std::string_view, 2> kScopes{"session", "user"};
constexpr std::array<std::string_view, 5> kEnds{"exited", "signaled", "stopped", "lost", "failed"};

std::string MeaningOf(LaunchEndKind kind, int32_t code) {
  switch (kind) {
    case LaunchEndKind::kExited:
      return "it exited with code " + std::to_string(code);
    case LaunchEndKind::kSignaled:
      return "it was ended by signal " + std::to_string(code);
    case LaunchEndKind::kStopped:
      return "it was asked to end";
    case LaunchEndKind::kLost:
      return "what became of it is not known: the service manager was lost meanwhile";
    case LaunchEndKind::kFailed:
      break;
  }
  return "it was not started";
}

}  // namespace

std::string_view Name(TokenKind token) {
  return NameIn(kTokens, token);
}

std::string_view Name(LaunchScope scope) {
  return NameIn(kScopes, scope);
}

std::string_view Name(LaunchEndKind kind) {
  return NameIn(kEnds, kind);
}

LaunchEnd EndOfAgent(LaunchEndKind kind, int32_t code, std::chrono::microseconds duration) {
  LaunchEnd end;
  end.kind = kind;
  end.code = code;
  end.meaning = MeaningOf(kind, code);
  end.duration = duration;
  return end;
}

void ExplainEarlyExit(LaunchEnd& end, SessionIs session) {
  const bool exited = end.kind == LaunchEndKind::kExited && end.code != 0;
  const bool signaled = end.kind == LaunchEndKind::kSignaled;
  if ((!exited && !signaled) || end.duration >= kEarlyExitTime) return;
  end.failure = Explain(end.system, LaunchStage::kEarlyExit, exited ? "exit" : "signal", end.code,
                        end.meaning, session);
  if (end.failure.meaning != end.meaning) end.meaning += ": " + end.failure.meaning;
}

LaunchEnd EndOfFailed(LaunchFailure failure) {
  LaunchEnd end;
  end.kind = LaunchEndKind::kFailed;
  end.code = failure.code;
  end.meaning = failure.meaning;
  end.failure = std::move(failure);
  return end;
}

}  // namespace broker
