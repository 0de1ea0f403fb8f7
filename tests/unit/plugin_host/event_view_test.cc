#include "plugin_host/event_view.h"

#include <string>

#include <gtest/gtest.h>

#include "eventlog/stored_event.h"

namespace broker {
namespace {

SessionRef SessionOf(const std::string& id) {
  SessionFacts session;
  session.id = id;
  session.key = "boot-" + id + "-5";
  session.user = "ada";
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.tty = "tty2";
  session.display = ":0";
  session.remote_host = "far.example.org";
  session.logon_time_us = 77;
  session.state = SessionState::kActive;
  session.locked = Locked::kYes;
  session.active = true;
  session.remote = true;
  return std::make_shared<const Session>(std::move(session));
}

StoredEvent FullEvent() {
  StoredEvent stored;
  stored.event.seq = 9;
  stored.event.time = {123, 456};
  stored.event.type = EventType::kSessionLocked;
  stored.event.origin = Origin::kReconciled;
  stored.event.source = "logind";
  stored.event.cause = 8;
  stored.event.reason = "resync";
  stored.event.session = SessionOf("2");
  stored.event.before = SessionOf("1");
  stored.event.details = {{"via", "console"}, {"code", "3"}};
  stored.line = R"({"seq":9})";
  stored.boot_id = "b00";
  return stored;
}

DeliveredEvent Delivered(const StoredEvent& stored, bool redelivered = false) {
  return {stored.event, stored.line, stored.boot_id, redelivered, false};
}

TEST(AnEventView, ShowsEveryFieldOfTheEvent) {
  const StoredEvent stored = FullEvent();
  EventView view;
  const usher_event& event = view.Show(Delivered(stored, true));
  EXPECT_EQ(event.size, sizeof(usher_event));
  EXPECT_EQ(event.type, USHER_EVENT_SESSION_LOCKED);
  EXPECT_STREQ(event.type_name, "session.locked");
  EXPECT_EQ(event.seq, 9U);
  EXPECT_EQ(event.cause, 8U);
  EXPECT_EQ(event.realtime_us, 123);
  EXPECT_EQ(event.monotonic_us, 456);
  EXPECT_STREQ(event.boot_id, "b00");
  EXPECT_EQ(event.origin, USHER_ORIGIN_RECONCILED);
  EXPECT_EQ(event.flags, USHER_FLAG_SYNTHETIC | USHER_FLAG_REDELIVERED);
  EXPECT_STREQ(event.source, "logind");
  EXPECT_STREQ(event.reason, "resync");
  EXPECT_STREQ(event.json, R"({"seq":9})");
  ASSERT_EQ(event.detail_count, 2U);
  EXPECT_STREQ(event.details[0]->key, "via");
  EXPECT_STREQ(event.details[1]->value, "3");
  EXPECT_STREQ(event.before->id, "1");
}

TEST(AnEventView, ShowsASessionAsItWasAlsoWhereOnlyItsStatusHasChanged) {
  StoredEvent stored = FullEvent();
  Session before = *stored.event.session;
  before.state = SessionState::kOnline;
  before.locked = Locked::kNo;
  before.active = before.remote = false;
  before.logon_time_us = 76;
  stored.event.before = std::make_shared<const Session>(before);
  EventView view;
  const usher_event& event = view.Show(Delivered(stored));
  EXPECT_EQ(event.before->state, USHER_SESSION_ONLINE);
  EXPECT_EQ(event.before->locked, USHER_LOCKED_NO);
  EXPECT_EQ(event.before->active, 0);
  EXPECT_EQ(event.before->remote, 0);
  EXPECT_EQ(event.before->logon_time_us, 76);
  EXPECT_STREQ(event.before->user, "ada");
  EXPECT_EQ(event.session->locked, USHER_LOCKED_YES);
  EXPECT_EQ(event.session->logon_time_us, 77);
}

TEST(AnEventView, ShowsEveryFieldOfASession) {
  const SessionRef session = SessionOf("2");
  const usher_session view = ViewOf(*session);
  EXPECT_EQ(view.size, sizeof(usher_session));
  EXPECT_EQ(view.state, USHER_SESSION_ACTIVE);
  EXPECT_EQ(view.locked, USHER_LOCKED_YES);
  EXPECT_EQ(view.active, 1);
  EXPECT_EQ(view.remote, 1);
  EXPECT_EQ(view.logon_time_us, 77);
  EXPECT_STREQ(view.id, "2");
  EXPECT_STREQ(view.key, "boot-2-5");
  EXPECT_STREQ(view.user, "ada");
  EXPECT_STREQ(view.user_id, "1000");
  EXPECT_STREQ(view.session_class, "user");
  EXPECT_STREQ(view.type, "wayland");
  EXPECT_STREQ(view.seat, "seat0");
  EXPECT_STREQ(view.tty, "tty2");
  EXPECT_STREQ(view.display, ":0");
  EXPECT_STREQ(view.remote_host, "far.example.org");
}

TEST(AnEventView, FlagsWhatIsNotOnTheDiskYet) {
  const StoredEvent stored = FullEvent();
  EventView view;
  EXPECT_EQ(view.Show({stored.event, stored.line, stored.boot_id, false, true}).flags,
            USHER_FLAG_SYNTHETIC | USHER_FLAG_UNLOGGED);
}

TEST(AnEventView, CopiesNoText) {
  const StoredEvent stored = FullEvent();
  EventView view;
  EXPECT_EQ(view.Show(Delivered(stored)).json, stored.line.c_str());
  EXPECT_EQ(view.Show(Delivered(stored)).session->user, stored.event.session->User().data());
}

TEST(AnEventView, KeepsNothingOfTheEventBefore) {
  const StoredEvent full = FullEvent();
  StoredEvent bare;
  bare.event.type_name = "org.example.own";
  EventView view;
  view.Show(Delivered(full, true));
  const usher_event& event = view.Show(Delivered(bare));
  EXPECT_EQ(event.type, USHER_EVENT_UNKNOWN);
  EXPECT_STREQ(event.type_name, "org.example.own");
  EXPECT_EQ(event.flags, 0U);
  EXPECT_EQ(event.session, nullptr);
  EXPECT_EQ(event.before, nullptr);
  EXPECT_EQ(event.detail_count, 0U);
  EXPECT_STREQ(event.reason, "");
}

TEST(ASnapshotView, OwnsWhatItShows) {
  SessionSnapshot snapshot;
  snapshot.as_of = 12;
  snapshot.sessions = {SessionOf("1"), SessionOf("2")};
  const SnapshotView view(std::move(snapshot), USHER_SNAPSHOT_SKIPPED, 99);
  EXPECT_EQ(view.Get().size, sizeof(usher_snapshot));
  EXPECT_EQ(view.Get().reason, USHER_SNAPSHOT_SKIPPED);
  EXPECT_EQ(view.Get().as_of_seq, 12U);
  EXPECT_EQ(view.Get().realtime_us, 99);
  ASSERT_EQ(view.Get().session_count, 2U);
  EXPECT_STREQ(view.Get().sessions[1]->id, "2");
}

}  // namespace
}  // namespace broker
