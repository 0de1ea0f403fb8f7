#pragma once

#include <string>
#include <string_view>

#include "usherctl/ask.h"

namespace broker {

/// `usherctl agents`: which agents there are, and how they are doing.
int RunAgents(const AskOptions& options, Streams& streams);

/// Which agents a command is about.
struct AgentOptions {
  std::string agent;
  std::string session;   ///< A session's id; empty: in all.
  std::string instance;  ///< Whose agent it is; empty: of all plugins.
};

/// `usherctl agents start|stop|restart|reset NAME [--session ID] [--instance PLUGIN]`; `verb` is
/// the second word.
int RunAgentsVerb(const AskOptions& options, const std::string& verb, const AgentOptions& agents,
                  Streams& streams);

}  // namespace broker
