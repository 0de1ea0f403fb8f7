#include "plugin_host/event_view.h"

#include <utility>

namespace broker {
namespace {

// The numbers of the SDK are those of the broker's own enumerations.
static_assert(static_cast<int32_t>(EventType::kActionFailed) == USHER_EVENT_ACTION_FAILED);
static_assert(static_cast<int32_t>(EventType::kCount) == USHER_EVENT_ACTION_FAILED + 1);
static_assert(static_cast<int32_t>(Origin::kRecorded) == USHER_ORIGIN_RECORDED);
static_assert(static_cast<int32_t>(SessionState::kClosing) == USHER_SESSION_CLOSING);
static_assert(static_cast<int32_t>(Locked::kUnknown) == USHER_LOCKED_UNKNOWN);

uint32_t FlagsOf(const DeliveredEvent& delivered) {
  return (delivered.event.origin == Origin::kReconciled ? USHER_FLAG_SYNTHETIC : 0U) |
         (delivered.redelivered ? USHER_FLAG_REDELIVERED : 0U) |
         (delivered.unlogged ? USHER_FLAG_UNLOGGED : 0U);
}

void ShowStatus(const SessionStatus& status, usher_session& view) {
  view.size = sizeof view;
  view.state = static_cast<usher_session_state>(status.state);
  view.locked = static_cast<usher_locked>(status.locked);
  view.active = status.active ? 1 : 0;
  view.remote = status.remote ? 1 : 0;
  view.logon_time_us = status.logon_time_us;
}

/// In place, and into each at once: a view that is copied right behind its making costs more than
/// another one.
template <class... View>
void ShowTexts(const Session& session, View&... views) {
  const auto show = [&](const char* usher_session::*text, std::string_view shown) {
    ((views.*text = shown.data()), ...);
  };
  show(&usher_session::id, session.Id());
  show(&usher_session::key, session.Key());
  show(&usher_session::user, session.User());
  show(&usher_session::user_id, session.UserId());
  show(&usher_session::session_class, session.Class());
  show(&usher_session::type, session.Type());
  show(&usher_session::seat, session.Seat());
  show(&usher_session::tty, session.Tty());
  show(&usher_session::display, session.Display());
  show(&usher_session::remote_host, session.RemoteHost());
}

void ShowSession(const Session& session, usher_session& view) {
  ShowStatus(session, view);
  ShowTexts(session, view);
}

}  // namespace

usher_session ViewOf(const Session& session) {
  usher_session view = {};
  ShowSession(session, view);
  return view;
}

const usher_event& EventView::Show(const DeliveredEvent& delivered) {
  const Event& event = delivered.event;
  details_.clear();
  detail_pointers_.clear();
  for (const auto& [key, value] : event.details) details_.push_back({key.c_str(), value.c_str()});
  for (const usher_detail& detail : details_) detail_pointers_.push_back(&detail);

  event_.size = sizeof event_;
  event_.type = static_cast<usher_event_type>(event.type);
  event_.type_name = event.TypeName().data();  // A literal or a std::string: NUL follows.
  event_.seq = event.seq;
  event_.cause = event.cause;
  event_.realtime_us = event.time.realtime_us;
  event_.monotonic_us = event.time.monotonic_us;
  event_.boot_id = delivered.boot_id.c_str();
  event_.origin = static_cast<usher_origin>(event.origin);
  event_.flags = FlagsOf(delivered);
  event_.source = event.source.c_str();
  event_.reason = event.reason.c_str();
  ShowSessions(event.session.get(), event.before.get());
  event_.session = event.session ? &session_ : nullptr;
  event_.before = event.before ? &before_ : nullptr;
  event_.details = detail_pointers_.data();
  event_.detail_count = static_cast<uint32_t>(details_.size());
  event_.json = delivered.line.data();  // A NUL follows.
  return event_;
}

/// Mostly the two have the same texts.
void EventView::ShowSessions(const Session* session, const Session* before) {
  if (session != nullptr && before != nullptr && session->Texts().Shares(before->Texts())) {
    ShowStatus(*session, session_);
    ShowStatus(*before, before_);
    return ShowTexts(*session, session_, before_);
  }
  if (session != nullptr) ShowSession(*session, session_);
  if (before != nullptr) ShowSession(*before, before_);
}

SnapshotView::SnapshotView(SessionSnapshot snapshot, usher_snapshot_reason reason,
                           int64_t realtime_us)
    : snapshot_(std::move(snapshot)) {
  sessions_.reserve(snapshot_.sessions.size());
  for (const SessionRef& session : snapshot_.sessions) sessions_.push_back(ViewOf(*session));
  for (const usher_session& session : sessions_) session_pointers_.push_back(&session);
  view_.size = sizeof view_;
  view_.reason = reason;
  view_.as_of_seq = snapshot_.as_of;
  view_.realtime_us = realtime_us;
  view_.sessions = session_pointers_.data();
  view_.session_count = static_cast<uint32_t>(sessions_.size());
}

}  // namespace broker
