#include "platform/linux/proc_stat.h"

#include <charconv>
#include <cstddef>
#include <system_error>

namespace broker {
namespace {

constexpr size_t kNameField = 2;
constexpr size_t kStartField = 22;

}  // namespace

std::optional<int64_t> StartTicksIn(std::string_view stat) {
  // The name is in brackets, and may have blanks and brackets itself.
  size_t at = stat.rfind(')');
  for (size_t field = kNameField; field < kStartField && at != std::string_view::npos; ++field) {
    at = stat.find(' ', at + 1);
  }
  if (at == std::string_view::npos) return std::nullopt;
  int64_t start = 0;
  const auto parsed = std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), start);
  return parsed.ec == std::errc() ? std::optional(start) : std::nullopt;
}

}  // namespace broker
