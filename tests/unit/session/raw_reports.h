#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "event/event.h"
#include "session/normalizer.h"
#include "session/session_table.h"
#include "source/raw_event.h"

namespace broker::testing {

inline const std::string kBoot = "b0070000000000000000000000000001";

/// 2026-01-05T08:00:00Z, an hour after the boot.
inline constexpr Timestamp kNow{1767600000000000, 3600000000};

/// alice at seat0, in the foreground, not locked.
inline Session Alice(const std::string& id = "1") {
  SessionFacts session;
  session.id = id;
  session.user = "alice";
  session.user_id = "1001";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.tty = "tty2";
  session.created_us = 60000000;
  session.state = SessionState::kActive;
  session.active = true;
  return session;
}

inline Session Greeter(const std::string& id = "c1") {
  SessionFacts session = Alice(id).Facts();
  session.user = "gdm";
  session.user_id = "114";
  session.session_class = "greeter";
  return session;
}

/// bob over ssh: no seat, always active.
inline Session Remote(const std::string& id = "2") {
  SessionFacts session = Alice(id).Facts();
  session.user = "bob";
  session.user_id = "1002";
  session.type = "tty";
  session.seat.clear();
  session.remote = true;
  session.remote_host = "192.0.2.7";
  return session;
}

inline Session In(Session session, SessionState state) {
  session.state = state;
  return session;
}

inline Session InBackground(Session session) {
  session.active = false;
  if (session.state == SessionState::kActive) session.state = SessionState::kOnline;
  return session;
}

inline Session With(Session session, Locked locked) {
  session.locked = locked;
  return session;
}

inline RawEvent Report(RawKind kind) {
  RawEvent raw;
  raw.kind = kind;
  raw.time = kNow;
  return raw;
}

inline RawEvent Seen(Session session) {
  RawEvent raw = Report(RawKind::kSession);
  raw.session = std::move(session);
  return raw;
}

inline RawEvent About(RawKind kind, const std::string& id) {
  RawEvent raw = Report(kind);
  raw.session = SessionWithId(id);
  return raw;
}

inline RawEvent Removed(const std::string& id) {
  return About(RawKind::kSessionRemoved, id);
}

inline RawEvent Seat(const std::string& id, const std::string& seat = "seat0") {
  RawEvent raw = Report(RawKind::kSeat);
  raw.seats = {{seat, id}};
  return raw;
}

inline RawEvent Snapshot(std::vector<Session> sessions, SeatMap seats = {},
                         std::string reason = "start") {
  RawEvent raw = Report(RawKind::kSnapshot);
  raw.sessions = std::move(sessions);
  raw.seats = std::move(seats);
  raw.reason = std::move(reason);
  return raw;
}

inline RawEvent Lost(std::string reason) {
  RawEvent raw = Report(RawKind::kLost);
  raw.reason = std::move(reason);
  return raw;
}

/// "logon 1", "connected 1 console", "switched 1->2", "source.lost": one word a fact.
inline std::string Brief(const Event& event) {
  const auto text = [&event](std::string_view key) {
    const std::string* value = event.Detail(key);
    return value == nullptr ? std::string() : *value;
  };
  if (event.type == EventType::kConsoleSwitched)
    return "switched " + text("from") + "->" + text("to");
  std::string name(event.TypeName());
  const SessionRef& session = event.session ? event.session : event.before;
  if (!session) return name;
  name = name.substr(name.find('.') + 1) + " " + std::string(session->Id());
  return event.Detail("via") == nullptr ? name : name + " " + text("via");
}

inline std::vector<std::string> Brief(const std::vector<Event>& events) {
  std::vector<std::string> brief;
  for (const Event& event : events) brief.push_back(Brief(event));
  return brief;
}

/// A normalizer with its table, and what it said last.
struct Desk {
  SessionTable table;
  Normalizer normalizer{table, kBoot, "simulated"};
  std::vector<Event> events;

  /// What `raw` amounts to, in brief; `events` has it in full.
  std::vector<std::string> Take(const RawEvent& raw) {
    events.clear();
    normalizer.Normalize(raw, events);
    return Brief(events);
  }
};

/// A desk at which alice works at seat0.
struct AliceAtWork : Desk {
  AliceAtWork() {
    Take(Seen(Alice()));
    Take(Seat("1"));
  }
};

}  // namespace broker::testing

namespace broker {

/// How a session is shown when a test fails.
inline void PrintTo(const Session& session, std::ostream* out) {
  *out << session.Id() << " " << session.User() << " " << session.Class() << " "
       << Name(session.state) << (session.active ? " active" : " inactive")
       << (session.remote ? " remote" : "") << " seat '" << session.Seat() << "' locked "
       << Name(session.locked) << " display '" << session.Display() << "' key " << session.Key();
}

}  // namespace broker
