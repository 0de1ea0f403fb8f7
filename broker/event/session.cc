#include "event/session.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 4> kStates{"opening", "online", "active", "closing"};
constexpr std::array<std::string_view, 3> kLocked{"no", "yes", "unknown"};
constexpr std::array<std::string_view, 3> kConnections{"none", "console", "remote"};

}  // namespace

std::string MakeSessionKey(std::string_view boot_id, std::string_view id, int64_t created_us) {
  std::string key(boot_id);
  key.append("-").append(id).append("-").append(std::to_string(created_us));
  return key;
}

SessionFacts Session::Facts() const {
  SessionFacts facts;
  static_cast<SessionStatus&>(facts) = *this;
  facts.id = Id();
  facts.key = Key();
  facts.user = User();
  facts.user_id = UserId();
  facts.session_class = Class();
  facts.type = Type();
  facts.seat = Seat();
  facts.tty = Tty();
  facts.display = Display();
  facts.remote_host = RemoteHost();
  return facts;
}

Session SessionWithId(std::string_view id) {
  SessionFacts facts;
  facts.id = id;
  return Session(facts);
}

Connection ConnectionOf(const Session& session) {
  if (!session.active) return Connection::kNone;
  if (session.remote) return Connection::kRemote;
  return session.Seat().empty() ? Connection::kNone : Connection::kConsole;
}

bool IsUserClass(std::string_view session_class) {
  return session_class == "user" || session_class.starts_with("user-");
}

std::string_view Name(SessionState state) {
  return NameIn(kStates, state);
}
std::string_view Name(Locked locked) {
  return NameIn(kLocked, locked);
}
std::string_view Name(Connection connection) {
  return NameIn(kConnections, connection);
}

std::optional<SessionState> ParseSessionState(std::string_view name) {
  return ValueIn<SessionState>(kStates, name);
}

std::optional<Locked> ParseLocked(std::string_view name) {
  return ValueIn<Locked>(kLocked, name);
}

}  // namespace broker
