#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "session/committed_sessions.h"
#include "session/normalizer.h"
#include "session/session_table.h"
#include "session/transitions.h"
#include "tests/unit/session/raw_reports.h"

namespace broker {
namespace {

using ::testing::IsEmpty;
using testing::kBoot;
using testing::kNow;

constexpr unsigned kWalks = 200;
constexpr int kReports = 60;

/// kWild: whatever a source might say, broken or not. kSane: a session keeps its class, its key
/// never comes back, and its lock state is known.
enum class Manner { kWild, kSane };

/// Random reports on a handful of sessions.
class Nonsense {
 public:
  Nonsense(unsigned seed, Manner manner) : random_(seed), manner_(manner) {}

  RawEvent Next() {
    RawEvent raw = testing::Report(Kind());
    raw.time.realtime_us += ++count_;
    raw.session = AnySession(std::to_string(Pick(5)));
    raw.reason = "nonsense";
    if (raw.kind == RawKind::kSnapshot) FillSnapshot(raw);
    const bool ends = raw.kind == RawKind::kSessionRemoved || raw.kind == RawKind::kSessionStuck;
    if (ends) ++lives_[std::string(raw.session.Id())];
    if (raw.kind == RawKind::kSeat) raw.seats = {{AnySeat(), std::to_string(Pick(6))}};
    return raw;
  }

 private:
  int Pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  RawKind Kind() {
    return Pick(2) == 0 ? RawKind::kSession
                        : static_cast<RawKind>(Pick(static_cast<int>(RawKind::kEnd) + 1));
  }

  std::string AnySeat() { return "seat" + std::to_string(Pick(2)); }

  Session AnySession(const std::string& id) {
    static const std::vector<std::string> kClasses{"user", "user", "user-early", "greeter",
                                                   "background"};
    SessionFacts session = testing::Alice(id).Facts();
    if (manner_ == Manner::kSane && Pick(20) == 0) ++lives_[id];
    const int life = manner_ == Manner::kSane ? lives_[id] : Pick(20) / 19;
    session.created_us += life;
    const int kind = manner_ == Manner::kSane ? std::stoi(id) + life : Pick(5);
    session.session_class = kClasses[static_cast<size_t>(kind) % kClasses.size()];
    session.state = static_cast<SessionState>(Pick(4));
    session.locked = static_cast<Locked>(Pick(manner_ == Manner::kSane ? 2 : 3));
    session.active = Pick(2) == 0;
    session.remote = Pick(4) == 0;
    session.seat = Pick(3) == 0 ? std::string() : AnySeat();
    session.display = Pick(3) == 0 ? ":0" : "";
    return session;
  }

  void FillSnapshot(RawEvent& raw) {
    for (const auto* id : {"0", "1", "2", "3", "4"}) {
      if (Pick(2) == 0) {
        raw.sessions.push_back(AnySession(id));
      } else {
        ++lives_[id];
      }
    }
    if (Pick(2) == 0) raw.seats[AnySeat()] = std::to_string(Pick(6));
  }

  std::mt19937 random_;
  const Manner manner_;
  std::map<std::string, int> lives_;
  int64_t count_ = 0;
};

/// The table as a source would tell it.
RawEvent SnapshotOf(const SessionTable& table) {
  RawEvent raw = testing::Snapshot({}, table.Seats(), "cut");
  for (const SessionRef& session : table.All()) raw.sessions.push_back(*session);
  return raw;
}

SessionTable Fold(const std::vector<Event>& events, size_t count) {
  SessionTable table;
  for (size_t i = 0; i < count; ++i) table.Apply(events[i]);
  return table;
}

/// Every session but for the time of its logon, which is the time it was noticed.
std::vector<Session> Facts(const SessionTable& table) {
  std::vector<Session> facts;
  for (const SessionRef& session : table.All()) {
    facts.push_back(*session);
    facts.back().logon_time_us = 0;
  }
  return facts;
}

/// The seats somebody has; one that nobody has is as good as none.
SeatMap Taken(const SessionTable& table) {
  SeatMap seats = table.Seats();
  std::erase_if(seats, [](const auto& seat) { return seat.second.empty(); });
  return seats;
}

void ExpectLegal(const std::vector<Event>& events) {
  std::map<std::string, SessionRef> sessions;
  for (const Event& event : events) {
    const SessionRef& about = event.session ? event.session : event.before;
    if (!about || event.type == EventType::kConsoleSwitched) continue;
    SessionRef& known = sessions[std::string(about->Key())];
    EXPECT_TRUE(IsLegal(PhaseOf(known.get()), event.type)) << testing::Brief(event);
    if (event.before && known) {
      EXPECT_EQ(PhaseOf(event.before.get()), PhaseOf(known.get())) << testing::Brief(event);
      EXPECT_EQ(ConnectionOf(*event.before), ConnectionOf(*known)) << testing::Brief(event);
    }
    known = event.session;
  }
}

/// Connected and disconnected, locked and unlocked, take turns.
void ExpectEdges(const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (!event.before || !event.session) continue;
    if (event.type == EventType::kSessionConnected) {
      EXPECT_EQ(ConnectionOf(*event.before), Connection::kNone);
      EXPECT_NE(ConnectionOf(*event.session), Connection::kNone);
    } else if (event.type == EventType::kSessionDisconnected) {
      EXPECT_NE(ConnectionOf(*event.before), Connection::kNone);
      EXPECT_EQ(ConnectionOf(*event.session), Connection::kNone);
    } else if (event.type == EventType::kSessionLocked) {
      EXPECT_NE(event.before->locked, Locked::kYes);
      EXPECT_EQ(event.session->locked, Locked::kYes);
    } else if (event.type == EventType::kSessionUnlocked) {
      EXPECT_NE(event.before->locked, Locked::kNo);
      EXPECT_EQ(event.session->locked, Locked::kNo);
    }
  }
}

/// Walks of random reports; the seed in the trace repeats one.
template <class Check>
void Walk(Manner manner, Check check) {
  for (unsigned seed = 1; seed <= kWalks; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SessionTable table;
    Normalizer normalizer(table, kBoot, "simulated");
    Nonsense nonsense(seed, manner);
    std::vector<Event> events;
    normalizer.Normalize(RawEvent{}, events);  // Every source begins with a snapshot.
    for (int i = 0; i < kReports; ++i) {
      normalizer.Normalize(nonsense.Next(), events);
      check(table, events);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(AnyReports, YieldOnlyLegalEvents) {
  Walk(Manner::kWild, [](const SessionTable&, const std::vector<Event>& events) {
    ExpectLegal(events);
    ExpectEdges(events);
  });
}

TEST(AnyReports, LeaveATableThatASnapshotOfItselfDoesNotChange) {
  Walk(Manner::kWild, [](const SessionTable& table, const std::vector<Event>&) {
    SessionTable copy;
    copy.Restore({table.All(), table.Seats(), 0});
    Normalizer normalizer(copy, kBoot, "simulated");
    std::vector<Event> events;
    normalizer.Normalize(SnapshotOf(table), events);
    EXPECT_THAT(testing::Brief(events), IsEmpty());
    EXPECT_EQ(Facts(copy), Facts(table));
  });
}

/// What the events alone say of a session, without the facts that have no event.
Session Told(const Session& session) {
  SessionFacts told = session.Facts();
  const Connection connection = ConnectionOf(session);
  if (connection == Connection::kNone) told.remote = told.active = false;
  if (connection != Connection::kConsole) told.seat.clear();
  const bool of_user = IsUserClass(session.Class());
  if (!of_user) told.state = SessionState::kOnline;
  told.session_class = of_user ? "user" : "other";
  told.display.clear();
  const Phase phase = PhaseOf(&session);
  if (of_user && (phase == Phase::kPresent || phase == Phase::kLoggedOff))
    told.state = SessionState::kOpening;
  if (told.state == SessionState::kActive) told.state = SessionState::kOnline;
  return told;
}

std::vector<Session> Told(const SessionTable& table) {
  std::vector<Session> told;
  for (const Session& session : Facts(table)) told.push_back(Told(session));
  return told;
}

TEST(TheFoldOfTheEvents, IsTheTable) {
  Walk(Manner::kSane, [](const SessionTable& table, const std::vector<Event>& events) {
    const SessionTable fold = Fold(events, events.size());
    EXPECT_EQ(Told(fold), Told(table));
    EXPECT_EQ(fold.Seats(), table.Seats());
  });
}

TEST(CommittedSessions, AreAsIfEachEventWereAppliedAlone) {
  Walk(Manner::kWild, [](const SessionTable&, const std::vector<Event>& events) {
    SessionTable fold;
    for (const Event& event : events) fold.Apply(event);
    CommittedSessions committed;
    committed.Commit(events);
    const SessionSnapshot snapshot = committed.Snapshot();
    EXPECT_EQ(snapshot.sessions, fold.All());
    EXPECT_EQ(snapshot.seats, fold.Seats());
    EXPECT_EQ(snapshot.as_of, events.empty() ? 0 : events.back().seq);
  });
}

TEST(CommittedSessions, AreTheTableOnceRefreshed) {
  Walk(Manner::kWild, [](const SessionTable& table, const std::vector<Event>& events) {
    CommittedSessions committed;
    committed.Commit(events);
    committed.Refresh(table.All());
    const SessionSnapshot snapshot = committed.Snapshot();
    ASSERT_EQ(snapshot.sessions.size(), table.Size());
    for (const SessionRef& session : snapshot.sessions)
      EXPECT_EQ(*session, *table.Find(session->Id()));
  });
}

/// The table's facts as a restarted broker believes them: an unlock that nobody saw is in doubt.
std::vector<Session> Believed(const SessionTable& table, const SessionTable& known) {
  std::vector<Session> facts = Facts(table);
  for (Session& session : facts) {
    const SessionRef before = known.Find(session.Id());
    if (before && before->Key() == session.Key() && before->locked == Locked::kYes &&
        session.locked == Locked::kNo)
      session.locked = Locked::kUnknown;
  }
  return facts;
}

TEST(ALogCutAnywhere, ReconcilesToTheSameTable) {
  constexpr unsigned kCutWalks = 40;
  for (unsigned seed = 1; seed <= kCutWalks; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SessionTable table;
    Normalizer normalizer(table, kBoot, "simulated");
    Nonsense nonsense(seed, Manner::kSane);
    std::vector<Event> events;
    normalizer.Normalize(RawEvent{}, events);
    for (int i = 0; i < kReports; ++i) normalizer.Normalize(nonsense.Next(), events);
    for (size_t cut = 0; cut <= events.size(); ++cut) {
      SessionTable restored = Fold(events, cut);
      Normalizer again(restored, kBoot, "simulated");
      std::vector<Event> missing(events.begin(), events.begin() + static_cast<ptrdiff_t>(cut));
      again.Normalize(SnapshotOf(table), missing);
      ExpectLegal(missing);
      ASSERT_EQ(Facts(restored), Believed(table, Fold(events, cut))) << "cut before event " << cut;
      ASSERT_EQ(Taken(restored), Taken(table));
    }
  }
}

}  // namespace
}  // namespace broker
