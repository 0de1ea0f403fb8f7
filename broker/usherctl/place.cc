#include "usherctl/place.h"

namespace broker {

std::string PlaceOf(const Session& session) {
  if (session.remote && !session.RemoteHost().empty())
    return "from " + std::string(session.RemoteHost());
  if (!session.Tty().empty()) return std::string(session.Tty());
  if (!session.Display().empty()) return std::string(session.Display());
  return session.remote ? "remote" : "";
}

}  // namespace broker
