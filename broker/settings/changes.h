#pragma once

#include <string>
#include <vector>

#include "settings/settings.h"

namespace broker {

/// What becomes of the instances where one configuration follows on another: their names. A value.
struct PluginChanges {
  std::vector<std::string> added;    ///< In the order of the new configuration,
  std::vector<std::string> changed;  ///< and so are these.
  std::vector<std::string> removed;  ///< In the order of the old one.

  friend bool operator==(const PluginChanges&, const PluginChanges&) = default;
};

/// Compares the tables by what they say: where in the file they stand does not count, nor does
/// their order. An instance has changed, too, where its library is another file, as
/// plugin_directory is another. Pure.
[[nodiscard]] PluginChanges ComparePlugins(const Settings& running, const Settings& wanted);

/// Gives `wanted` the values of `running` where a change takes a restart of the broker; returns the
/// keys of those that differed, dotted, in the order of the documentation. Pure.
[[nodiscard]] std::vector<std::string> KeepWhatNeedsRestart(const Settings& running,
                                                            Settings& wanted);

}  // namespace broker
