#pragma once

#include <string>

#include "eventlog/file_system.h"
#include "usherctl/streams.h"

namespace broker {

struct VerifyOptions {
  std::string directory;  ///< Of the log.
  bool json = false;
};

/// `usherctl verify`: reads the whole log and names every defect in it; kExitFailed if there is
/// any.
int RunVerify(const VerifyOptions& options, FileSystem& files, Streams& streams);

}  // namespace broker
