#pragma once

#include <string>

#include "action/launch.h"
#include "usher/ext/launch.h"
#include "usher/status.h"

namespace broker {

/// Makes an order of what a plugin passed to usher_ext_launch::start, none of which is trusted; the
/// session is still missing, of which `session_id` is set to the id. As usher/ext/launch.h says; on
/// failure `why` is set to a sentence.
usher_status ReadLaunchRequest(const usher_launch_request& request, LaunchOrder& order,
                               std::string& session_id, std::string& why);

/// What became of an agent as a plugin sees it; its texts are those of `end`.
[[nodiscard]] usher_launch_news NewsOf(const LaunchStart& start);
[[nodiscard]] usher_launch_news NewsOf(const LaunchEnd& end);

}  // namespace broker
