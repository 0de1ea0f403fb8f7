#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <usher/cpp/views.hpp>

namespace presence {

/// By what a session is attached to a person.
enum class Attachment : int32_t {
  kNone = 0,  ///< Switched away, disconnected, or without a terminal of its own.
  kConsole,   ///< In the foreground of a seat: the machine's own screen and keyboard.
  kRemote,    ///< Connected over the network.
};

/// A session in which a user is logged on. A value, copied out of the broker's memory.
struct Logon {
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
  int64_t logon_time_us = 0;  ///< UTC microseconds; 0 = the system did not say.
  Attachment at = Attachment::kNone;
  usher::Locked locked = usher::Locked::kNo;

  friend bool operator==(const Logon&, const Logon&) = default;
};

/// Whether a person may be sitting before it: attached and not known to be locked. An unknown lock
/// counts as present, because the reader of the answer is about to disturb whoever is there.
[[nodiscard]] bool IsAtTheMachine(const Logon& logon);

/// Who is logged on, as of one event.
struct Presence {
  uint64_t as_of_seq = 0;
  int64_t time_us = 0;        ///< UTC microseconds: that event's, or the snapshot's.
  std::vector<Logon> logons;  ///< By logon time, then key.

  [[nodiscard]] bool AnybodyLoggedOn() const { return !logons.empty(); }
  [[nodiscard]] bool AnybodyAtTheMachine() const;
};

/// Follows snapshots and events. Pure: no clock, no files.
///
/// Not thread-safe.
class PresenceModel {
 public:
  /// Starts over from all sessions there are.
  void Take(const usher::Snapshot& snapshot);

  /// Takes the event's effect, and answers whether anything about the logons changed. Events that
  /// the last snapshot includes are ignored, and so are those that no system reported (injected by
  /// hand, made by a plugin): they are about sessions, but change none.
  bool Take(const usher::Event& event);

  [[nodiscard]] Presence Current() const;

 private:
  bool Update(const usher::Event& event);

  std::map<std::string, Logon, std::less<>> logons_;  ///< By session key.
  uint64_t as_of_seq_ = 0;
  int64_t time_us_ = 0;
};

}  // namespace presence
