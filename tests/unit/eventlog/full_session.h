#pragma once

#include "event/session.h"

namespace broker {

/// A session of which everything is known.
inline Session FullSession() {
  SessionFacts session;
  session.id = "c1";
  session.key = "b-c1-5";
  session.user = "ada";
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "x11";
  session.seat = "seat0";
  session.tty = "tty2";
  session.display = ":0";
  session.remote_host = "host.example";
  session.created_us = 5;
  session.logon_time_us = 1'795'200'513'123'456;
  session.state = SessionState::kClosing;
  session.locked = Locked::kUnknown;
  session.active = true;
  session.remote = true;
  return session;
}

}  // namespace broker
