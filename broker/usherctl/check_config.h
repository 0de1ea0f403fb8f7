#pragma once

#include <string>

#include "plugin_host/config_probe.h"
#include "usherctl/streams.h"

namespace broker {

struct CheckConfigOptions {
  std::string file;
  bool json = false;
  bool only_file = false;  ///< Plugins are not asked.
};

/// `usherctl check-config FILE`: every error in it at once, as compilers print them. Where the file
/// itself has none, it is looked whether what the source plays is there, and `probe` loads the
/// plugins that are enabled, and asks them about their tables.
int RunCheckConfig(const CheckConfigOptions& options, const ConfigProbe& probe, Streams& streams);

/// The same with each plugin in a process of its own.
int RunCheckConfig(const CheckConfigOptions& options, Streams& streams);

}  // namespace broker
