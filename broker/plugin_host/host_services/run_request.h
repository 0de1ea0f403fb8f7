#pragma once

#include <string>

#include "action/run.h"
#include "usher/ext/run.h"
#include "usher/status.h"

namespace broker {

/// Makes an order of what a plugin passed to usher_ext_run::start, none of which is trusted; the
/// session is still missing, of which `session_id` is set to the id, empty for none. As
/// usher/ext/run.h says; on failure `why` is set to a sentence.
usher_status ReadRunRequest(const usher_run_request& request, RunOrder& order,
                            std::string& session_id, std::string& why);

/// The end of a run as a plugin sees it; its texts are those of `end`.
[[nodiscard]] usher_run_result ResultOf(const RunEnd& end);

}  // namespace broker
