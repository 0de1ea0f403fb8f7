#include "usherctl/place.h"

namespace broker {

std::string PlaceOf(const Session& session) {
  if (session.remote && !session.remote_host.empty()) return "from " + session.remote_host;
  if (!session.tty.empty()) return session.tty;
  if (!session.display.empty()) return session.display;
  return session.remote ? "remote" : "";
}

}  // namespace broker
