#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

/// So much of a file the kernel looks at to see how it is executed. Source: execve(2).
inline constexpr size_t kScriptLineBytes = 256;

/// The interpreter that a file asks for in its first line, as the kernel reads it: what stands
/// behind "#!" and white space, up to the next. `head` is the file's beginning, of at most
/// kScriptLineBytes. nullopt: it is no script, or the kernel does not take it for one. Pure.
/// Source: execve(2), "Interpreter scripts".
[[nodiscard]] std::optional<std::string> InterpreterOf(std::string_view head);

}  // namespace broker
