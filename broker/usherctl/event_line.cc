#include "usherctl/event_line.h"

#include <algorithm>
#include <array>

#include "event/utc.h"
#include "usherctl/place.h"
#include "usherctl/style.h"

namespace broker {
namespace {

// "session.unlock_requested" is longer, but too rare to widen the column for.
constexpr size_t kTypeWidth = 20;
constexpr size_t kUserWidth = 10;
constexpr size_t kSessionWidth = 11;
constexpr size_t kMaxName = 48;
constexpr size_t kMaxValue = 160;

constexpr std::array<EventType, 8> kAlarming{
    EventType::kSourceLost,   EventType::kConfigRejected,
    EventType::kPluginFailed, EventType::kPluginQuarantined,
    EventType::kAgentGaveUp,  EventType::kMessageFailed,
    EventType::kLogGap,       EventType::kLogDamaged};

Style StyleOf(EventType type) {
  const bool alarming = std::find(kAlarming.begin(), kAlarming.end(), type) != kAlarming.end();
  return alarming ? Style::kAlarm : Style::kPlain;
}

std::string TimeOf(const Event& event) {
  constexpr size_t kStart = 11;
  constexpr size_t kLength = 15;
  return FormatUtc(event.time.realtime_us).substr(kStart, kLength);
}

std::string WhereOf(const Session& session) {
  const std::string place = PlaceOf(session);
  if (session.Seat().empty()) return Shown(place, kMaxName);
  if (place.empty()) return Shown(session.Seat(), kMaxName);
  return Shown(session.Seat(), kMaxName) + " " + Shown(place, kMaxName);
}

std::string SessionPart(const Session& session) {
  const std::string_view user = session.User().empty() ? session.UserId() : session.User();
  return Padded(user.empty() ? "-" : Shown(user, kMaxName), kUserWidth) + "  " +
         Padded("session " + Shown(session.Id(), kMaxName), kSessionWidth) + "  " +
         WhereOf(session);
}

// Values with spaces, quotes or nothing in them are quoted, so that one is told from the next.
std::string Assignment(std::string_view key, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \t\"=") == std::string_view::npos;
  const std::string text = Shown(value, kMaxValue);
  return Shown(key, kMaxName) + "=" + (plain ? text : "\"" + text + "\"");
}

}  // namespace

std::string EventLine(const Event& event, bool colour) {
  std::string type = Padded(Shown(event.TypeName(), kMaxName), kTypeWidth);
  std::string line =
      Styled(TimeOf(event), Style::kDim, colour) + "  " + Styled(type, StyleOf(event.type), colour);
  const SessionRef& session = event.session != nullptr ? event.session : event.before;
  if (session != nullptr) line += "  " + SessionPart(*session);
  if (event.origin != Origin::kOs) line += "  (" + std::string(Name(event.origin)) + ")";
  if (!event.reason.empty()) line += "  " + Assignment("reason", event.reason);
  for (const auto& [key, value] : event.details) line += "  " + Assignment(key, value);
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string DayOf(const Event& event) {
  return FormatUtc(event.time.realtime_us).substr(0, std::string_view("2026-05-04").size());
}

}  // namespace broker
