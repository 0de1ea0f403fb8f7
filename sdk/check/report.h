#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "sdk/check/finding.h"

namespace broker::check {

/// What a report says beside the checks. A value.
struct ReportHead {
  std::string plugin;  ///< Its path.
  uint64_t seed = 0;   ///< The fuzzer's first.
};

/// Prints results for people, each as it comes. Texts of the plugin's are made safe for a terminal.
class TextReport {
 public:
  /// `out` must outlive this.
  TextReport(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

  void Begin(const ReportHead& head);
  void Add(const CheckResult& result);
  void End(const ReportHead& head, const std::vector<CheckResult>& results);

 private:
  void AddFinding(const Finding& finding);
  void AddWrapped(const std::string& label, const std::string& text);

  std::ostream& out_;
  const bool colour_;
};

/// The same for programs: one line of JSON; sdk/check/README.md says what stands in it.
[[nodiscard]] std::string JsonReport(const ReportHead& head,
                                     const std::vector<CheckResult>& results);

/// The worst verdict; a check that was skipped is as good as one that passed.
[[nodiscard]] Verdict Overall(const std::vector<CheckResult>& results);

}  // namespace broker::check
