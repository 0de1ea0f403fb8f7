#pragma once

#include <string>
#include <string_view>

namespace broker {

/// How a piece of text stands out on a terminal.
enum class Style { kPlain, kBold, kDim, kAlarm };

/// `text`, between the codes for `style` where `colour` allows it. Source: ECMA-48, SGR.
[[nodiscard]] std::string Styled(std::string_view text, Style style, bool colour);

/// Foreign text as one line that is safe for a terminal and at most `columns` wide: what does not
/// fit is cut and closed with "…".
[[nodiscard]] std::string Shown(std::string_view text, size_t columns);

/// `text` with spaces behind it up to `columns`.
[[nodiscard]] std::string Padded(std::string text, size_t columns);

/// UTC microseconds to the second, for people: "2026-05-04 08:00:12"; "-" for 0.
[[nodiscard]] std::string ShownTime(int64_t realtime_us);

}  // namespace broker
