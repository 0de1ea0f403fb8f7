#pragma once

#include <string>

#include "isolation/channel.h"
#include "sdk/check/check.h"

namespace broker::check {

// How a check in a process of its own tells what it finds.

/// What stands first in a message.
enum class Message : uint64_t {
  kFinding = 1,  ///< Verdict, text, change, read.
  kNote,         ///< Text.
  kDone,         ///< The check is over; findings were told.
};

/// The files that a check and the process that started it share, in a folder of the check's own.
inline constexpr const char* kCopyName = "/plugin.so";
inline constexpr const char* kNoteName = "/calls";

/// The child's part: runs the check on the files in `folder` and tells `parent` of it. Does not
/// return, as nothing of the plugin's is to run any more.
[[noreturn]] void RunAsChild(const Check& check, CheckOptions options, const std::string& folder,
                             Channel& parent);

}  // namespace broker::check
