#include "plugin_host/action_calls.h"

#include <string>
#include <utility>

namespace broker {

void ActionCalls::TellHeard() {
  while (const auto news = host_.Actions().Take()) {
    Details details{{"action", std::string(Name(news->action))}, {"session", news->session}};
    const bool done = news->outcome.ok();
    if (!done) details.emplace_back("error", news->outcome.message());
    health_.Announce(done ? EventType::kActionDone : EventType::kActionFailed, news->cause,
                     std::move(details));
  }
}

}  // namespace broker
