#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "event/mutex.h"
#include "event/status.h"
#include "platform/simulated/manual_clock.h"
#include "source/raw_event.h"

namespace broker {

/// Who logs on, and where. A value; what is left empty is chosen.
struct LogonRequest {
  std::string user;
  std::string user_id;  ///< Chosen: 1001 for the first user, 1002, …
  std::string id;       ///< Chosen: "1", "2", …; ids may come back once they are free.
  std::string session_class = "user";  ///< user, greeter, background, …
  std::string type = "wayland";
  std::string seat = "seat0";  ///< Empty: none. A seat is there from its first session on.
  std::string display;
  bool foreground = true;  ///< On a seat: comes to the front.
  bool remote = false;     ///< Then without a seat.
  std::string remote_host;
};

/// A small model of a machine: sessions, seats, locks, sleep, and a service that reports on them.
/// What is done to it is reported as logind does it, in the same order: to switch the console is
/// three reports, a logon is seen opening first. "seat0" is there from the start.
///
/// Every action fails, and changes nothing, where the machine could not do it: a session that is
/// not there, a machine that sleeps or is down.
///
/// Thread-safe. Reports are submitted from within the calls, in their order.
class SimulatedDesktop {
 public:
  /// Just booted. Sessions have their key from the start if `boot_id` says of which boot they are.
  explicit SimulatedDesktop(Timestamp now, std::string boot_id = {});

  [[nodiscard]] const std::string& BootId() const { return boot_id_; }
  [[nodiscard]] ManualClock& GetClock() { return clock_; }

  /// From now on reports go to `sink`, which must live until Detach; the first is a snapshot,
  /// reason "start".
  void Attach(RawSink& sink);
  /// No report is under way or follows once it returns.
  void Detach();

  /// Reports all there is; nothing while the reporter is lost: the snapshot that ends that serves.
  void ReportSnapshot(const std::string& reason);
  /// Reports that nothing will follow.
  void ReportEnd();

  /// All there is now.
  [[nodiscard]] RawEvent Snapshot(const std::string& reason) const;

  /// The key of the session with this id; empty if there is none.
  [[nodiscard]] std::string KeyOf(std::string_view id) const;
  /// When this session logged off or ended, monotonic; nullopt if it did not. Those that ended
  /// before the last kMostEnds others did count as ended at the boot.
  [[nodiscard]] std::optional<int64_t> EndOf(const Session& session) const;
  /// When, after `since_us`, its user had no session any more; nullopt if they still have one.
  [[nodiscard]] std::optional<int64_t> EndOfUser(const Session& session, int64_t since_us) const;

  static constexpr size_t kMostEnds = 4096;

  /// A new session; answers its id.
  Result<std::string> Logon(const LogonRequest& request);
  /// A session in front of its seat that nobody is logged on in, as logon screens are on Windows;
  /// answers its id.
  Result<std::string> ShowLogonScreen(const std::string& seat);
  /// Somebody logs on there, whose session it is from now on. An empty `user_id` is chosen.
  Status LogOnThere(std::string_view id, const std::string& user, const std::string& user_id);
  /// The session is gone, with all its processes.
  Status Logoff(std::string_view id);
  /// The user logs off, but processes stay behind: the session is closing until Logoff.
  Status LeaveProcesses(std::string_view id);

  /// The screen is locked, unlocked: the state, as the screen locker tells it. After the reporter
  /// has forgotten (Recover) an unlock changes nothing it could notice.
  Status Lock(std::string_view id);
  Status Unlock(std::string_view id);
  /// Somebody asks the session to do so.
  Status RequestLock(std::string_view id);
  Status RequestUnlock(std::string_view id);

  /// The session comes to the front of its seat.
  Status SwitchTo(std::string_view id);
  /// The seat shows a terminal that nobody has logged on at.
  Status SwitchAway(const std::string& seat);

  /// The remote terminal goes away, comes back; the session lives on.
  Status DisconnectRemote(std::string_view id);
  Status ReconnectRemote(std::string_view id);

  /// Its user goes on with the session from a remote terminal: it leaves its seat, which shows
  /// nothing then, and stays the same session.
  Status TakeOver(std::string_view id, const std::string& remote_host);

  Status Suspend();
  /// Wakes up, followed by a snapshot, reason "resumed".
  Status Resume();
  /// The last thing that happens.
  Status ShutDown(const std::string& reason);

  /// The reporter goes away: what happens now is not reported.
  Status LoseReporter(const std::string& reason);
  /// It is back, and gives a snapshot. `forgetful`: it no longer knows which sessions were locked.
  Status RecoverReporter(const std::string& reason, bool forgetful);

 private:
  enum class Power { kOn, kAsleep, kDown };

  /// A session that is over.
  struct End {
    std::string key;
    std::string user_id;
    int64_t created_us = 0;
    int64_t at_us = 0;
  };

  [[nodiscard]] bool IsLoggedOn(const Session& session) const USHER_REQUIRES(mutex_);
  [[nodiscard]] bool WasLoggedOn(std::string_view user_id, int64_t at_us) const
      USHER_REQUIRES(mutex_);
  void NoteEnd(const Session& session) USHER_REQUIRES(mutex_);

  [[nodiscard]] Status CheckLogon(const LogonRequest& request) const USHER_REQUIRES(mutex_);
  [[nodiscard]] Status CheckAwake() const USHER_REQUIRES(mutex_);
  /// Sets `session` to the one with this id if the machine is awake and has it.
  Status Find(std::string_view id, Session*& session) USHER_REQUIRES(mutex_);
  Status SetRemote(std::string_view id, bool connected) USHER_REQUIRES(mutex_);
  Status SetLocked(std::string_view id, Locked locked) USHER_REQUIRES(mutex_);
  std::string Enter(const LogonRequest& request) USHER_REQUIRES(mutex_);
  void Replace(Session session) USHER_REQUIRES(mutex_);
  [[nodiscard]] Session MakeSession(const LogonRequest& request) USHER_REQUIRES(mutex_);
  [[nodiscard]] std::string ChooseTerminal(const LogonRequest& request) USHER_REQUIRES(mutex_);
  [[nodiscard]] std::string ChooseId() USHER_REQUIRES(mutex_);
  [[nodiscard]] std::string UserId(const std::string& user) USHER_REQUIRES(mutex_);
  /// The session in front of the seat, if any, goes to the background, and says so.
  void ClearFront(const std::string& seat) USHER_REQUIRES(mutex_);
  /// The seat now shows this session (empty: none), and says so.
  void ShowOn(const std::string& seat, std::string_view id) USHER_REQUIRES(mutex_);

  [[nodiscard]] RawEvent MakeReport(RawKind kind, const std::string& reason = {}) const;
  [[nodiscard]] RawEvent MakeSnapshot(const std::string& reason) const USHER_REQUIRES(mutex_);
  /// To the sink, if there is one; Report only while the reporter is there, too.
  void Submit(RawEvent&& raw) USHER_REQUIRES(mutex_);
  void Report(RawEvent&& raw) USHER_REQUIRES(mutex_);
  void ReportSession(const Session& session) USHER_REQUIRES(mutex_);
  void ReportAbout(RawKind kind, std::string_view id) USHER_REQUIRES(mutex_);

  const std::string boot_id_;
  ManualClock clock_;
  mutable Mutex mutex_;
  RawSink* sink_ USHER_GUARDED_BY(mutex_) = nullptr;
  std::map<std::string_view, Session> sessions_ USHER_GUARDED_BY(mutex_);  ///< By their own ids.
  std::deque<End> ends_ USHER_GUARDED_BY(mutex_);                          ///< The last ones.
  SeatMap seats_ USHER_GUARDED_BY(mutex_);
  std::map<std::string, int> user_ids_ USHER_GUARDED_BY(mutex_);
  Power power_ USHER_GUARDED_BY(mutex_) = Power::kOn;
  bool lost_ USHER_GUARDED_BY(mutex_) = false;
  int64_t last_created_us_ USHER_GUARDED_BY(mutex_) = 0;
  int next_id_ USHER_GUARDED_BY(mutex_) = 1;
  int next_terminal_ USHER_GUARDED_BY(mutex_) = 2;
  int next_pty_ USHER_GUARDED_BY(mutex_) = 0;
};

}  // namespace broker
