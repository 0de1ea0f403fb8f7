#include "sdk/check/finding.h"

namespace broker::check {

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kSkipped:
      return "skipped";
    case Verdict::kWarn:
      return "warn";
    case Verdict::kFail:
      break;
  }
  return "fail";
}

}  // namespace broker::check
