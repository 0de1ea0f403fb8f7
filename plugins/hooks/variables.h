#pragma once

#include <string>
#include <utility>
#include <vector>

#include <usher/plugin.hpp>

namespace hooks {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// What a hook is told of its event in its environment: USHER_SEQ, USHER_TYPE, USHER_USER, …. All
/// but those of details are there for every event, maybe empty.
[[nodiscard]] Variables VariablesOf(const usher::Event& event);

}  // namespace hooks
