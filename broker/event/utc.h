#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace broker {

/// UTC microseconds since 1970 as people and programs read them: "2026-05-04T08:00:12.123456Z",
/// always 27 characters. Times outside the years 0 to 9999 are shown as the nearest one inside.
/// Source: RFC 3339.
[[nodiscard]] std::string FormatUtc(int64_t realtime_us);

/// The same, written over `out`.
inline constexpr size_t kUtcLength = 27;
void WriteUtc(int64_t realtime_us, std::span<char, kUtcLength> out);

/// The reverse, for exactly that form.
[[nodiscard]] std::optional<int64_t> ParseUtc(std::string_view text);

}  // namespace broker
