#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl plugins`: which instances there are, and how they are doing.
int RunPlugins(const AskOptions& options, Streams& streams);

/// `usherctl plugins enable|disable|reload|release NAME`: what is done to one instance.
int RunPluginsEnable(const AskOptions& options, const std::string& instance, Streams& streams);
int RunPluginsDisable(const AskOptions& options, const std::string& instance, Streams& streams);
int RunPluginsReload(const AskOptions& options, const std::string& instance, Streams& streams);
int RunPluginsRelease(const AskOptions& options, const std::string& instance, Streams& streams);

}  // namespace broker
