#pragma once

#include <string>

#include "action/failures.h"
#include "usherctl/streams.h"

namespace broker {

struct ExplainOptions {
  std::string code;                      ///< As people have it; empty: the whole table.
  bool json = false;                     ///< An array of rows, one line.
  bool markdown = false;                 ///< As action/FAILURES.md has them; that file is made so.
  CodeSystem system = ThisCodeSystem();  ///< Whose rows of a code come first.
};

/// `usherctl explain [CODE]`: what a failure on the way to an agent means, what the broker does
/// about it, and what there is to do. Asks no broker. kExitFailed where nobody knows the code.
int RunExplain(const ExplainOptions& options, Streams& streams);

}  // namespace broker
