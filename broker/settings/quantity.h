#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

/// "16 MiB" in bytes; the units are B, KiB, MiB, GiB and TiB, by 1024. Nothing for other texts and
/// for what does not fit.
[[nodiscard]] std::optional<uint64_t> ParseBytes(std::string_view text);

/// "250 ms" in microseconds; the units are us, ms, s, min, h and d, also written
/// day or days. Nothing as above.
[[nodiscard]] std::optional<int64_t> ParseDuration(std::string_view text);

/// The shortest text that reads back as the same value.
[[nodiscard]] std::string FormatBytes(uint64_t bytes);
[[nodiscard]] std::string FormatDuration(int64_t microseconds);

}  // namespace broker
