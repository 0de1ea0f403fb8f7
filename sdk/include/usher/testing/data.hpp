// usher/testing/data.hpp: sessions, events and snapshots to hand to a plugin.
#ifndef USHER_TESTING_DATA_HPP
#define USHER_TESTING_DATA_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "usher/cpp/event_type.hpp"
#include "usher/cpp/views.hpp"
#include "usher/event.h"

namespace usher {
namespace testing {

/// A moment that is as good as any: when the fake clock begins. UTC microseconds.
inline constexpr int64_t kBeginUs = 1'700'000'000'000'000;

/// A session, as usher/event.h describes it. A value.
struct SessionData {
  std::string id;
  std::string key;
  std::string user;
  std::string user_id;
  std::string session_class;
  std::string type;
  std::string seat;
  std::string tty;
  std::string display;
  std::string remote_host;
  SessionState state = SessionState::kOpening;
  Locked locked = Locked::kNo;
  bool active = false;
  bool remote = false;
  int64_t logon_time_us = 0;
};

/// A session of `user` in the foreground of seat0, unlocked, with an id and a key of its own if
/// `id` is.
[[nodiscard]] inline SessionData UserSession(const std::string& user, const std::string& id = "1") {
  SessionData session;
  session.id = id;
  session.key = "boot-" + id;
  session.user = user;
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.state = SessionState::kActive;
  session.active = true;
  session.logon_time_us = kBeginUs;
  return session;
}

/// An event, as usher/event.h describes it. A value. What is 0 is filled in by the Driver: the
/// next number, and the clock's time.
struct EventData {
  std::string type;  ///< Dotted.
  uint64_t seq = 0;
  uint64_t cause = 0;
  int64_t realtime_us = 0;
  int64_t monotonic_us = 0;
  std::string boot_id = "b00000000000000000000000000000b0";
  Origin origin = Origin::kOs;
  uint32_t flags = 0;  ///< USHER_FLAG_…
  std::string source = "simulated";
  std::string reason;
  std::optional<SessionData> session;
  std::optional<SessionData> before;
  std::vector<std::pair<std::string, std::string>> details;
  std::string json = "{}";
};

/// An event of a type by name, a plugin's own too; of a session, where it concerns one.
[[nodiscard]] inline EventData MakeEvent(const std::string& type,
                                         std::optional<SessionData> session = std::nullopt) {
  EventData event;
  event.type = type;
  event.session = std::move(session);
  return event;
}
[[nodiscard]] inline EventData MakeEvent(EventType type,
                                         std::optional<SessionData> session = std::nullopt) {
  return MakeEvent(std::string(Name(type)), std::move(session));
}

namespace detail {

/// The number of a type's name; USHER_EVENT_UNKNOWN if it has none.
inline usher_event_type TypeNumber(std::string_view name) {
  for (int32_t number = 1; number < usher::detail::kTypeCount; ++number) {
    if (name == usher::detail::kTypeNames[number]) return number;
  }
  return USHER_EVENT_UNKNOWN;
}

}  // namespace detail

/// `session` as a plugin sees it. Leads into `session`, which must outlive it.
[[nodiscard]] inline usher_session RawSession(const SessionData& session) {
  usher_session raw{};
  raw.size = sizeof(raw);
  raw.state = static_cast<usher_session_state>(session.state);
  raw.locked = static_cast<usher_locked>(session.locked);
  raw.active = session.active ? 1 : 0;
  raw.remote = session.remote ? 1 : 0;
  raw.logon_time_us = session.logon_time_us;
  raw.id = session.id.c_str();
  raw.key = session.key.c_str();
  raw.user = session.user.c_str();
  raw.user_id = session.user_id.c_str();
  raw.session_class = session.session_class.c_str();
  raw.type = session.type.c_str();
  raw.seat = session.seat.c_str();
  raw.tty = session.tty.c_str();
  raw.display = session.display.c_str();
  raw.remote_host = session.remote_host.c_str();
  return raw;
}

/// An event as a plugin sees it; owns what it leads into.
class RawEvent {
 public:
  explicit RawEvent(EventData data) : data_(std::move(data)) {
    raw_.size = sizeof(raw_);
    raw_.type = detail::TypeNumber(data_.type);
    raw_.type_name = data_.type.c_str();
    raw_.seq = data_.seq;
    raw_.cause = data_.cause;
    raw_.realtime_us = data_.realtime_us;
    raw_.monotonic_us = data_.monotonic_us;
    raw_.boot_id = data_.boot_id.c_str();
    raw_.origin = static_cast<usher_origin>(data_.origin);
    raw_.flags = data_.flags;
    raw_.source = data_.source.c_str();
    raw_.reason = data_.reason.c_str();
    raw_.json = data_.json.c_str();
    raw_.session = Show(data_.session, session_);
    raw_.before = Show(data_.before, before_);
    ShowDetails();
  }
  RawEvent(const RawEvent&) = delete;
  RawEvent& operator=(const RawEvent&) = delete;

  /// As valid as this is.
  [[nodiscard]] const usher_event& raw() const noexcept { return raw_; }

 private:
  static const usher_session* Show(const std::optional<SessionData>& session, usher_session& raw) {
    if (!session) return nullptr;
    raw = RawSession(*session);
    return &raw;
  }

  void ShowDetails() {
    details_.reserve(data_.details.size());
    for (const auto& [key, value] : data_.details) {
      details_.push_back({key.c_str(), value.c_str()});
      pointers_.push_back(&details_.back());
    }
    raw_.details = pointers_.data();
    raw_.detail_count = static_cast<uint32_t>(pointers_.size());
  }

  const EventData data_;
  usher_event raw_{};
  usher_session session_{};
  usher_session before_{};
  std::vector<usher_detail> details_;
  std::vector<const usher_detail*> pointers_;
};

/// A snapshot as a plugin sees it; owns what it leads into.
class RawSnapshot {
 public:
  RawSnapshot(std::vector<SessionData> sessions, uint64_t as_of_seq,
              SnapshotReason reason = SnapshotReason::kActivated, int64_t realtime_us = kBeginUs)
      : data_(std::move(sessions)) {
    sessions_.reserve(data_.size());
    for (const SessionData& session : data_) {
      sessions_.push_back(RawSession(session));
      pointers_.push_back(&sessions_.back());
    }
    raw_.size = sizeof(raw_);
    raw_.reason = static_cast<usher_snapshot_reason>(reason);
    raw_.as_of_seq = as_of_seq;
    raw_.realtime_us = realtime_us;
    raw_.sessions = pointers_.data();
    raw_.session_count = static_cast<uint32_t>(pointers_.size());
  }
  RawSnapshot(const RawSnapshot&) = delete;
  RawSnapshot& operator=(const RawSnapshot&) = delete;

  /// As valid as this is.
  [[nodiscard]] const usher_snapshot& raw() const noexcept { return raw_; }

 private:
  const std::vector<SessionData> data_;
  std::vector<usher_session> sessions_;
  std::vector<const usher_session*> pointers_;
  usher_snapshot raw_{};
};

}  // namespace testing
}  // namespace usher

#endif
