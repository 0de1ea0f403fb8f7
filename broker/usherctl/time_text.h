#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

/// The moment that a text names, in UTC microseconds, as journalctl's --since understands it:
/// "2026-11-20 18:48:33", "2026-11-20", "18:48", "Fri 2026-11-20 18:48:33 UTC",
/// "2026-11-20T18:48:33.5+01:00", "now", "today", "yesterday", "tomorrow", "@1795200513", and spans
/// from now: "-1h", "+5s", "1h 30min ago". Days begin at midnight; times without a zone ("UTC",
/// "Z",
/// "+01:00", "-03", or what the machine's own is called then: "CET") are in the machine's, and of
/// an hour that there is twice the one without summer time. A weekday must be the date's. nullopt
/// for anything else. Source: systemd.time(7).
[[nodiscard]] std::optional<int64_t> ParseTimeText(std::string_view text, int64_t now_us);

}  // namespace broker
