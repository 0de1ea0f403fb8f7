#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace broker::check {

/// What came of a check, the better first.
enum class Verdict : int32_t { kPass = 0, kSkipped, kWarn, kFail };

/// "pass", "skipped", "warn", "fail".
[[nodiscard]] std::string_view Name(Verdict verdict);

/// One thing that is not as it should be. Thrown, it ends the check.
struct Finding {
  Verdict verdict = Verdict::kFail;  ///< kWarn or kFail.
  std::string text;                  ///< What was seen: a sentence without its subject, the plugin.
  std::string change;                ///< What to change; empty where the text says it.
  std::string read;                  ///< The header or section that explains it.
};

/// What one check found.
struct CheckResult {
  std::string name;
  std::string about;  ///< What a plugin does that passes.
  Verdict verdict = Verdict::kPass;
  std::vector<std::string> notes;  ///< Figures, and what was not looked at.
  std::vector<Finding> findings;
  int64_t duration_us = 0;
};

}  // namespace broker::check
