// usher/cpp/views.hpp: events and sessions without copies. A view is a pointer into the broker's
// memory, valid as long as the call that brought it: copy into strings what must stay.
#ifndef USHER_CPP_VIEWS_HPP
#define USHER_CPP_VIEWS_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "usher/cpp/event_type.hpp"
#include "usher/cpp/range.hpp"
#include "usher/event.h"

namespace usher {

/// UTC, in microseconds.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// How far a session's life has come. kActive = in the foreground, not merely logged on; kClosing =
/// logged off, processes left behind.
enum class SessionState : int32_t {
  kOpening = USHER_SESSION_OPENING,
  kOnline = USHER_SESSION_ONLINE,
  kActive = USHER_SESSION_ACTIVE,
  kClosing = USHER_SESSION_CLOSING,
};

/// Whether the screen is locked. kUnknown is not kNo: decide nothing on it.
enum class Locked : int32_t {
  kNo = USHER_LOCKED_NO,
  kYes = USHER_LOCKED_YES,
  kUnknown = USHER_LOCKED_UNKNOWN,
};

/// Who says that it happened.
enum class Origin : int32_t {
  kOs = USHER_ORIGIN_OS,
  kReconciled = USHER_ORIGIN_RECONCILED,
  kInjected = USHER_ORIGIN_INJECTED,
  kBroker = USHER_ORIGIN_BROKER,
  kPlugin = USHER_ORIGIN_PLUGIN,
  kRecorded = USHER_ORIGIN_RECORDED,
};

/// Why a snapshot is handed over.
enum class SnapshotReason : int32_t {
  kActivated = USHER_SNAPSHOT_ACTIVATED,
  kSkipped = USHER_SNAPSHOT_SKIPPED,
};

namespace detail {

inline std::string_view Text(const char* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

inline Time ToTime(int64_t microseconds) noexcept {
  return Time(std::chrono::microseconds(microseconds));
}

/// What the view of no session looks at: nothing is known of it.
inline const usher_session& NoSession() noexcept {
  static constexpr usher_session kNone = [] {
    usher_session none{};
    none.size = sizeof(usher_session);
    none.locked = USHER_LOCKED_UNKNOWN;
    return none;
  }();
  return kNone;
}

}  // namespace detail

/// One logon context as it was at one moment. What is not known is empty.
class Session {
 public:
  /// Of null, it is the view of no session: false, all strings empty.
  explicit Session(const usher_session* raw) noexcept
      : raw_(raw == nullptr ? &detail::NoSession() : raw) {}

  /// Whether there is a session.
  explicit operator bool() const noexcept { return raw_ != &detail::NoSession(); }

  /// The system's id; reused, so never a key.
  [[nodiscard]] std::string_view id() const noexcept { return detail::Text(raw_->id); }
  /// Unique for good.
  [[nodiscard]] std::string_view key() const noexcept { return detail::Text(raw_->key); }
  /// For people; decide by user_id().
  [[nodiscard]] std::string_view user() const noexcept { return detail::Text(raw_->user); }
  /// uid or SID as text.
  [[nodiscard]] std::string_view user_id() const noexcept { return detail::Text(raw_->user_id); }
  /// "user", "greeter", "lock-screen", "background", "manager", …
  [[nodiscard]] std::string_view session_class() const noexcept {
    return detail::Text(raw_->session_class);
  }
  /// "tty", "x11", "wayland", "console", "rdp", …
  [[nodiscard]] std::string_view type() const noexcept { return detail::Text(raw_->type); }
  [[nodiscard]] std::string_view seat() const noexcept { return detail::Text(raw_->seat); }
  [[nodiscard]] std::string_view tty() const noexcept { return detail::Text(raw_->tty); }
  [[nodiscard]] std::string_view display() const noexcept { return detail::Text(raw_->display); }
  /// As the remote side said; never trust it.
  [[nodiscard]] std::string_view remote_host() const noexcept {
    return detail::Text(raw_->remote_host);
  }

  [[nodiscard]] SessionState state() const noexcept {
    return static_cast<SessionState>(raw_->state);
  }
  [[nodiscard]] Locked locked() const noexcept { return static_cast<Locked>(raw_->locked); }
  [[nodiscard]] bool active() const noexcept { return raw_->active != 0; }
  [[nodiscard]] bool remote() const noexcept { return raw_->remote != 0; }

  /// Nothing before the logon.
  [[nodiscard]] std::optional<Time> logon_time() const noexcept {
    if (raw_->logon_time_us == 0) return std::nullopt;
    return detail::ToTime(raw_->logon_time_us);
  }

 private:
  const usher_session* raw_;
};

/// A further fact of an event, e.g. "from" and "to" of a console switch.
class Detail {
 public:
  explicit Detail(const usher_detail* raw) noexcept : raw_(raw) {}

  [[nodiscard]] std::string_view key() const noexcept { return detail::Text(raw_->key); }
  [[nodiscard]] std::string_view value() const noexcept { return detail::Text(raw_->value); }

 private:
  const usher_detail* raw_;
};

using SessionList = PointerRange<Session, usher_session>;
using DetailList = PointerRange<Detail, usher_detail>;

/// Something that happened.
class Event {
 public:
  explicit Event(const usher_event& raw) noexcept : raw_(&raw) {}

  /// kUnknown for a type that has no number, also for one newer than these headers.
  [[nodiscard]] EventType type() const noexcept {
    const bool known = raw_->type > 0 && raw_->type < detail::kTypeCount;
    return known ? static_cast<EventType>(raw_->type) : EventType::kUnknown;
  }
  /// Dotted, e.g. "session.logon"; set for every type.
  [[nodiscard]] std::string_view type_name() const noexcept {
    return detail::Text(raw_->type_name);
  }

  /// Its number in the log.
  [[nodiscard]] uint64_t seq() const noexcept { return raw_->seq; }
  /// The seq of the event that led to it; 0 = none.
  [[nodiscard]] uint64_t cause() const noexcept { return raw_->cause; }

  [[nodiscard]] Time time() const noexcept { return detail::ToTime(raw_->realtime_us); }
  /// Counts within the boot named by boot_id().
  [[nodiscard]] std::chrono::microseconds monotonic() const noexcept {
    return std::chrono::microseconds(raw_->monotonic_us);
  }
  [[nodiscard]] std::string_view boot_id() const noexcept { return detail::Text(raw_->boot_id); }

  [[nodiscard]] Origin origin() const noexcept { return static_cast<Origin>(raw_->origin); }
  /// "logind", "scm", "wts", "simulated", or empty.
  [[nodiscard]] std::string_view source() const noexcept { return detail::Text(raw_->source); }
  [[nodiscard]] std::string_view reason() const noexcept { return detail::Text(raw_->reason); }

  /// Found by reconciling; it may have happened some time ago.
  [[nodiscard]] bool synthetic() const noexcept { return Has(USHER_FLAG_SYNTHETIC); }
  /// May have been delivered before a crash.
  [[nodiscard]] bool redelivered() const noexcept { return Has(USHER_FLAG_REDELIVERED); }
  /// Not on the disk yet.
  [[nodiscard]] bool unlogged() const noexcept { return Has(USHER_FLAG_UNLOGGED); }

  /// The session after the event; the view of no session where none is concerned.
  [[nodiscard]] Session session() const noexcept { return Session(raw_->session); }
  /// The session before the event, where it changed one.
  [[nodiscard]] std::optional<Session> before() const noexcept {
    if (raw_->before == nullptr) return std::nullopt;
    return Session(raw_->before);
  }

  [[nodiscard]] DetailList details() const noexcept {
    return DetailList(raw_->details, raw_->detail_count);
  }
  /// The value of the detail with this key.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view key) const noexcept {
    for (const Detail entry : details()) {
      if (entry.key() == key) return entry.value();
    }
    return std::nullopt;
  }

  /// The stored line: one JSON object.
  [[nodiscard]] std::string_view json() const noexcept { return detail::Text(raw_->json); }

 private:
  [[nodiscard]] bool Has(uint32_t flag) const noexcept { return (raw_->flags & flag) != 0; }

  const usher_event* raw_;
};

/// All sessions at one point of the log.
class Snapshot {
 public:
  explicit Snapshot(const usher_snapshot& raw) noexcept : raw_(&raw) {}

  [[nodiscard]] SnapshotReason reason() const noexcept {
    return static_cast<SnapshotReason>(raw_->reason);
  }
  /// The last event that it includes.
  [[nodiscard]] uint64_t as_of_seq() const noexcept { return raw_->as_of_seq; }
  /// When it was taken.
  [[nodiscard]] Time time() const noexcept { return detail::ToTime(raw_->realtime_us); }
  [[nodiscard]] SessionList sessions() const noexcept {
    return SessionList(raw_->sessions, raw_->session_count);
  }

 private:
  const usher_snapshot* raw_;
};

}  // namespace usher

#endif
