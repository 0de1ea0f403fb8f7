#pragma once

#include <string>
#include <vector>

#include "event/event.h"

namespace broker {

/// Names those whom a request is for, in its detail "instances": "NAME, NAME".
void Address(const std::vector<std::string>& instances, Event& request);

/// Whether the event is for this instance: not a request that names only others.
[[nodiscard]] bool IsFor(const std::string& instance, const Event& event);

}  // namespace broker
