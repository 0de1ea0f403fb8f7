#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/packed_texts.h"

namespace broker {

/// How far a session's life has come. `kActive` = in the foreground, not merely "logged on";
/// `kClosing` = logged off, processes left behind. Source: sd_session_get_state(3).
enum class SessionState : int8_t { kOpening = 0, kOnline, kActive, kClosing };

/// Whether the screen is locked. `kUnknown` triggers nothing and stops nothing.
enum class Locked : int8_t { kNo = 0, kYes, kUnknown };

/// By what a session is attached to a person.
enum class Connection : int32_t { kNone = 0, kConsole, kRemote };

/// What changes about a session while it lives.
struct SessionStatus {
  int64_t created_us = 0;     ///< Monotonic creation time, as the OS reports it.
  int64_t logon_time_us = 0;  ///< UTC microseconds of the logon; 0 before it.
  SessionState state = SessionState::kOpening;
  Locked locked = Locked::kNo;
  bool active = false;
  bool remote = false;

  friend bool operator==(const SessionStatus&, const SessionStatus&) = default;
};

/// A session in the making: every text on its own. What reads a system or a file fills it.
struct SessionFacts : SessionStatus {
  std::string id;       ///< The OS's id; reused by the OS, so never a key.
  std::string key;      ///< Boot id, id and creation time: unique for good. See MakeSessionKey.
  std::string user;     ///< For people; decisions use user_id.
  std::string user_id;  ///< uid or SID as text.
  std::string session_class;  ///< user, greeter, lock-screen, background, manager, or a newer one.
  std::string type;           ///< tty, x11, wayland, console, rdp, unspecified, …
  std::string seat;           ///< "seat0", or empty.
  std::string tty;
  std::string display;
  std::string remote_host;  ///< Whatever the remote side said; never trusted.

  friend bool operator==(const SessionFacts&, const SessionFacts&) = default;
};

/// One logon context, as it was at one moment. A plain value; shared as SessionRef, never changed.
/// The meaning of each text is the same as in SessionFacts.
struct Session : SessionStatus {
  Session() = default;
  Session(const SessionFacts& facts)
      : SessionStatus(facts),
        texts_({facts.key, facts.id, facts.user, facts.user_id, facts.session_class, facts.type,
                facts.seat, facts.tty, facts.display, facts.remote_host}) {}

  // Each with a NUL behind it; valid as long as this session, or one made from it, is.
  [[nodiscard]] std::string_view Key() const { return texts_[0]; }
  [[nodiscard]] std::string_view Id() const { return texts_[1]; }
  [[nodiscard]] std::string_view User() const { return texts_[2]; }
  [[nodiscard]] std::string_view UserId() const { return texts_[3]; }
  [[nodiscard]] std::string_view Class() const { return texts_[4]; }
  [[nodiscard]] std::string_view Type() const { return texts_[5]; }
  [[nodiscard]] std::string_view Seat() const { return texts_[6]; }
  [[nodiscard]] std::string_view Tty() const { return texts_[7]; }
  [[nodiscard]] std::string_view Display() const { return texts_[8]; }
  [[nodiscard]] std::string_view RemoteHost() const { return texts_[9]; }

  /// All of them, in the order above.
  [[nodiscard]] const PackedTexts& Texts() const { return texts_; }

  /// Whether all texts are the same but, perhaps, the key.
  [[nodiscard]] bool SameButKey(const Session& other) const {
    return texts_.EqualsFrom(1, other.texts_);
  }

  /// To change a text: a Session is made of the changed facts.
  [[nodiscard]] SessionFacts Facts() const;

  /// Takes over the texts of `other`, whose memory they share then.
  void ShareTexts(const Session& other) {
    if (!texts_.Shares(other.texts_)) texts_ = other.texts_;
  }

  friend bool operator==(const Session&, const Session&) = default;
  /// Would compare the status alone.
  friend bool operator==(const Session&, const SessionFacts&) = delete;

 private:
  PackedTexts texts_;
};

/// A session of which only the id is known: who merely mentions one.
[[nodiscard]] Session SessionWithId(std::string_view id);

/// Sessions are immutable once published: the table, events and snapshots share them.
using SessionRef = std::shared_ptr<const Session>;

/// "BOOTID-ID-CREATED": unique although ids are reused within a boot (seen on logind: c1 came
/// back).
[[nodiscard]] std::string MakeSessionKey(std::string_view boot_id, std::string_view id,
                                         int64_t created_us);

/// The attachment that `session`'s facts amount to: active on a seat, or active and remote.
[[nodiscard]] Connection ConnectionOf(const Session& session);

/// Whether a person works in sessions of this class ("user" and its newer kin "user-early", …).
/// Only these log on and off.
[[nodiscard]] bool IsUserClass(std::string_view session_class);

/// Names as they stand in the log: "opening", "online", "active", "closing"; "yes", "no",
/// "unknown".
[[nodiscard]] std::string_view Name(SessionState state);
[[nodiscard]] std::string_view Name(Locked locked);
[[nodiscard]] std::string_view Name(Connection connection);  ///< "none", "console", "remote".
[[nodiscard]] std::optional<SessionState> ParseSessionState(std::string_view name);
[[nodiscard]] std::optional<Locked> ParseLocked(std::string_view name);

}  // namespace broker
