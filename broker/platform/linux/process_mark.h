#pragma once

#include <string>

namespace broker {

/// A variable that stands in the environment of a child, and of all that it leaves behind, wherever
/// that has gone: "USHER_CHILD=" and what nobody else has. For one child.
[[nodiscard]] std::string MakeProcessMark();

/// Ends every process that has the mark in its environment, and those that it starts meanwhile.
void KillMarked(const std::string& mark);

}  // namespace broker
