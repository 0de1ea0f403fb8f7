#pragma once

#include <set>
#include <string>
#include <vector>

#include "isolation/child_process.h"
#include "sdk/check/call_note.h"
#include "sdk/check/check.h"

namespace broker::check {

/// How checks are started. A value.
struct RunnerOptions {
  std::string program;                 ///< This one.
  std::vector<std::string> arguments;  ///< What makes it a check's process; the check's follow.
  std::string folder;                  ///< For files of the checks.
  std::string copy;                    ///< The plugin's file, checked already.
};

/// Runs checks, each in a process of its own, and sees what becomes of it: a crash, an exit, a call
/// that does not return are findings like others.
///
/// Not thread-safe.
class Runner {
 public:
  Runner(RunnerOptions runner, CheckOptions options);

  /// The result of `file`, which was made elsewhere.
  void Note(const CheckResult& result);

  /// Runs the check, unless one that it needs has failed.
  CheckResult Run(const Check& check);

 private:
  class Watched;

  Status Prepare(const std::string& folder) const;
  void RunChild(const Check& check, CheckResult& result) const;

  const RunnerOptions runner_;
  const CheckOptions options_;
  std::set<std::string, std::less<>> unfit_;  ///< Checks that failed, or were skipped for that.
};

}  // namespace broker::check
