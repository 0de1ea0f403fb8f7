#include "action/run.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 2> kUsers{"root", "session_user"};
constexpr std::array<std::string_view, 6> kEnds{"exited",      "signaled", "timed_out",
                                                "not_started", "lost",     "cancelled"};

std::string MeaningOf(RunEndKind kind, int32_t code) {
  switch (kind) {
    case RunEndKind::kExited:
      return code == 0 ? "it has done its work" : "it exited with code " + std::to_string(code);
    case RunEndKind::kSignaled:
      return "it was ended by signal " + std::to_string(code);
    case RunEndKind::kTimedOut:
      return "it did not end within its time limit, and was ended with all that it had started";
    case RunEndKind::kLost:
      return "how it ended is not known: the service manager was lost meanwhile";
    case RunEndKind::kCancelled:
      return "it was ended, with all that it had started, as nobody wants it any more";
    case RunEndKind::kNotStarted:
      break;
  }
  return "it was not started";
}

}  // namespace

std::string_view Name(RunAs who) {
  return NameIn(kUsers, who);
}

std::string_view Name(RunEndKind kind) {
  return NameIn(kEnds, kind);
}

RunEnd EndOfProgram(RunEndKind kind, int32_t code) {
  RunEnd end;
  end.kind = kind;
  end.code = code;
  end.meaning = MeaningOf(kind, code);
  return end;
}

RunEnd NotStarted(std::string_view stage, std::string_view call, int32_t code,
                  std::string_view why) {
  RunEnd end;
  end.kind = RunEndKind::kNotStarted;
  end.code = code;
  end.stage = stage;
  end.call = call;
  end.meaning = why;
  return end;
}

}  // namespace broker
