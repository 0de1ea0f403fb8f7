#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "presence_model.h"

namespace presence {

/// `presence` as one JSON object, a line per session, so that people can read it as well; README.md
/// has its members. `live` = the plugin runs and keeps it up to date.
[[nodiscard]] std::string ToJson(const Presence& presence, bool live);

/// `text` (UTF-8) as a JSON string with its quotes. Source: RFC 8259, section 7.
[[nodiscard]] std::string Quote(std::string_view text);

}  // namespace presence
