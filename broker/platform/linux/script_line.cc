#include "platform/linux/script_line.h"

namespace broker {
namespace {

constexpr std::string_view kMark = "#!";
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kEnds("\0 \t", 3);

}  // namespace

std::optional<std::string> InterpreterOf(std::string_view head) {
  if (!head.starts_with(kMark)) return std::nullopt;
  const size_t newline = head.find('\n');
  const std::string_view line = head.substr(0, newline).substr(kMark.size());
  const size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view name = line.substr(begin);
  const size_t end = name.find_first_of(kEnds);
  // A name that may go on behind what the kernel looks at is none.
  const bool ends = end != std::string_view::npos || newline != std::string_view::npos;
  if (!ends && head.size() >= kScriptLineBytes) return std::nullopt;
  return std::string(name.substr(0, end));
}

}  // namespace broker
