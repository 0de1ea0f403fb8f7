#include "plugin_host/event_view.h"

#include <utility>

#include "plugin_host/batch_views.h"

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

/// Mostly the two have the same texts.
void ShowSessions(const Session* session, const Session* before, usher_session& session_view,
                  usher_session& before_view) {
  if (session != nullptr && before != nullptr && session->Texts().Shares(before->Texts())) {
    ShowStatus(*session, session_view);
    ShowStatus(*before, before_view);
    return ShowTexts(*session, session_view, before_view);
  }
  if (session != nullptr) ShowSession(*session, session_view);
  if (before != nullptr) ShowSession(*before, before_view);
}

}  // namespace

usher_session ViewOf(const Session& session) {
  usher_session view = {};
  ShowSession(session, view);
  return view;
}

void DetailViews::Begin(size_t most) {
  details_.clear();
  pointers_.clear();
  details_.reserve(most);
  pointers_.reserve(most);
}

void DetailViews::Show(const Details& details, usher_event& view) {
  view.details = pointers_.data() + pointers_.size();
  view.detail_count = static_cast<uint32_t>(details.size());
  for (const auto& [key, value] : details) {
    pointers_.push_back(&details_.emplace_back(usher_detail{key.c_str(), value.c_str()}));
  }
}

void ShowEvent(const DeliveredEvent& delivered, usher_event& view, usher_session& session,
               usher_session& before) {
  const Event& event = delivered.event;
  view.size = sizeof view;
  view.type = static_cast<usher_event_type>(event.type);
  view.type_name = event.TypeName().data();  // A literal or a std::string: NUL follows.
  view.seq = event.seq;
  view.cause = event.cause;
  view.realtime_us = event.time.realtime_us;
  view.monotonic_us = event.time.monotonic_us;
  view.boot_id = delivered.boot_id.c_str();
  view.origin = static_cast<usher_origin>(event.origin);
  view.flags = FlagsOf(delivered);
  view.source = event.source.c_str();
  view.reason = event.reason.c_str();
  ShowSessions(event.session.get(), event.before.get(), session, before);
  view.session = event.session ? &session : nullptr;
  view.before = event.before ? &before : nullptr;
  view.json = delivered.line.data();  // A NUL follows.
}

const usher_event& EventView::Show(const DeliveredEvent& delivered) {
  if (BatchViews::Has(delivered)) return BatchViews::Show(delivered);
  ShowEvent(delivered, event_, session_, before_);
  details_.Begin(delivered.event.details.size());
  details_.Show(delivered.event.details, event_);
  return event_;
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
