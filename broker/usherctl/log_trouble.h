#pragma once

#include <string>
#include <string_view>

#include "event/status.h"
#include "eventlog/defect.h"
#include "usherctl/streams.h"

namespace broker {

/// "FILE:LINE: what is wrong, event N was due there"; not safe for a terminal yet.
[[nodiscard]] std::string Describe(const LogDefect& defect);

/// Notes on err that a line of the log could not be read and was passed over.
void ComplainAbout(const LogDefect& defect, Streams& streams);

/// For who may not read the log.
inline constexpr std::string_view kLogNeeds = "reading the event log needs root or the group usher";

/// Says on err why the log in `directory` cannot be read, and what to do; `needs` where it is not
/// permitted. Returns how the command ends.
[[nodiscard]] ExitCode Explain(const Status& status, const std::string& directory, Streams& streams,
                               std::string_view needs = kLogNeeds);

}  // namespace broker
