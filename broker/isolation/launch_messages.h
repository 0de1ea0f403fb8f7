#pragma once

#include <vector>

#include "isolation/plugin_messages.h"
#include "usher/ext/launch.h"

namespace broker {

// What crosses the channel of usher/ext/launch.h.

void PutLaunchRequest(MessageWriter& out, const usher_launch_request& request);
void PutLaunchNews(MessageWriter& out, const usher_launch_news& news);
void PutAgentStatus(MessageWriter& out, const usher_agent_status& status);

/// The structures of one call, made of a message again. Owns what they point to.
class ReceivedLaunch {
 public:
  explicit ReceivedLaunch(MessageReader& in) : in_(in), call_(in) {}

  // Each takes the next value; valid as long as this is.
  const char* Text() { return call_.Text(); }  ///< May be null.
  const usher_launch_request& Request();
  const usher_launch_news& News();
  const usher_agent_status& Status();

 private:
  MessageReader& in_;
  ReceivedCall call_;
  std::vector<const char*> arguments_;
  usher_launch_request request_{};
  usher_launch_news news_{};
  usher_agent_status status_{};
};

}  // namespace broker
