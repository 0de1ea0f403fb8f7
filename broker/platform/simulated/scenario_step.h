#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/simulated/scenario.h"
#include "settings/load.h"
#include "settings/toml.h"

namespace broker {

/// A step as it stands in the file, and whether it is all right by itself.
struct WrittenStep {
  ScenarioStep step;
  const toml::table* table = nullptr;  ///< Valid as long as the document is.
  bool sound = false;
};

/// Reads one table [[step]]; `before_us` is the time of the step before, or the start. What is
/// wrong goes to `errors`. A step whose time is wrong is taken to follow at once.
[[nodiscard]] WrittenStep ReadStep(const toml::table& table, int64_t before_us,
                                   const std::string& file, std::vector<SettingsError>& errors);

/// "2026-01-05T07:55:00Z", with or without a fraction of six digits.
[[nodiscard]] std::optional<int64_t> ParseScenarioTime(const std::string& text);

}  // namespace broker
