#pragma once

#include <memory>
#include <string>

#include "event/event.h"

namespace broker::testing {

/// 2026-05-04T08:00:12.123456Z.
inline constexpr int64_t kMorning = 1'777'881'612'123'456;

inline Session AlicesSession() {
  SessionFacts session;
  session.id = "2";
  session.key = "0123456789abcdef0123456789abcdef-2-60123456";
  session.user = "alice";
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "tty";
  session.seat = "seat0";
  session.tty = "tty2";
  session.state = SessionState::kActive;
  session.active = true;
  return session;
}

inline Event SessionEvent(EventType type, Session session) {
  Event event;
  event.type = type;
  event.time.realtime_us = kMorning;
  event.source = "logind";
  event.session = std::make_shared<const Session>(std::move(session));
  return event;
}

}  // namespace broker::testing
