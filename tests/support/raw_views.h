#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "usher/event.h"

namespace broker::testing {

/// A session with nothing known of it, and one of a user in the foreground of seat0.
[[nodiscard]] inline usher_session EmptySession() {
  usher_session session{};
  session.size = sizeof(session);
  session.id = session.key = session.user = session.user_id = session.session_class = "";
  session.type = session.seat = session.tty = session.display = session.remote_host = "";
  return session;
}

[[nodiscard]] inline usher_session UserSession(const char* key, const char* user) {
  usher_session session = EmptySession();
  session.id = key;
  session.key = key;
  session.user = user;
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.state = USHER_SESSION_ACTIVE;
  session.active = 1;
  session.logon_time_us = 1'700'000'000'000'000;
  return session;
}

/// An event with nothing but its type, name and number.
[[nodiscard]] inline usher_event EmptyEvent(usher_event_type type, const char* type_name,
                                            uint64_t seq) {
  usher_event event{};
  event.size = sizeof(event);
  event.type = type;
  event.type_name = type_name;
  event.seq = seq;
  event.realtime_us = 1'700'000'000'000'000 + static_cast<int64_t>(seq);
  event.boot_id = event.source = event.reason = "";
  event.json = "{}";
  return event;
}

/// Sessions as a snapshot, which must not outlive it.
class FakeSnapshot {
 public:
  FakeSnapshot(uint64_t as_of_seq, std::vector<usher_session> sessions)
      : sessions_(std::move(sessions)) {
    for (const usher_session& session : sessions_) pointers_.push_back(&session);
    raw_.size = sizeof(raw_);
    raw_.reason = USHER_SNAPSHOT_ACTIVATED;
    raw_.as_of_seq = as_of_seq;
    raw_.realtime_us = 1'700'000'000'000'000 + static_cast<int64_t>(as_of_seq);
    raw_.sessions = pointers_.data();
    raw_.session_count = static_cast<uint32_t>(pointers_.size());
  }
  FakeSnapshot(const FakeSnapshot&) = delete;
  FakeSnapshot& operator=(const FakeSnapshot&) = delete;

  [[nodiscard]] const usher_snapshot& raw() const { return raw_; }

 private:
  const std::vector<usher_session> sessions_;
  std::vector<const usher_session*> pointers_;
  usher_snapshot raw_{};
};

}  // namespace broker::testing
