#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/clock.h"
#include "event/diagnostics.h"
#include "platform/linux/closing_reaper.h"
#include "platform/linux/logind_bus.h"
#include "platform/linux/sleep_delay.h"
#include "source/logind_view.h"
#include "source/raw_event.h"

namespace broker {

/// The sessions that the broker before knew at its end, by id and creation time.
using RememberedSessions = std::set<std::pair<std::string, int64_t>>;

/// Turns what comes over a link to logind into reports: reads what signals leave out, and takes a
/// snapshot whenever something may have been missed. Outlives its links.
///
/// Not thread-safe; lives on the source's thread.
class LogindReporter {
 public:
  /// All must outlive this.
  LogindReporter(RawSink& sink, Diagnostics& diagnostics, const Clock& clock,
                 RememberedSessions remembered)
      : sink_(sink),
        diagnostics_(diagnostics),
        clock_(clock),
        remembered_(std::move(remembered)),
        delay_(diagnostics),
        reaper_(clock) {}

  /// A new link: reports all there is, the first time with the reason "start". A failure means that
  /// the link is of no use.
  Status Begin(LogindLink& link);

  /// Takes all that was received. A failure means that the link is of no use any more.
  Status Hear(LogindLink& link, const std::vector<LogindSignal>& signals);

  /// Compares every session's state with the one last heard.
  void ReadStates(LogindLink& link);

  /// Reports all there is once more, unless logind is away.
  Status Refresh(LogindLink& link);

  /// Reports sessions that are stuck, when it is time to look for them.
  void Reap(LoginMonitor& monitor);
  /// How long until then; -1 for not at all, for now.
  [[nodiscard]] int ReapInMs() const;

  /// As Source::EndDelay.
  void EndDelay(int64_t reported_us) { delay_.End(reported_us); }

  /// Nobody listens any more: the machine waits for nothing.
  void LetGo() { delay_.LetGo(); }

  /// Nothing can be heard for now: one kLost, until the next snapshot.
  void Lose(const std::string& reason);

 private:
  Status HearOne(LogindLink& link, const LogindSignal& signal);
  Status ReadSession(LogindLink& link, const LogindSignal& signal);
  Status ReadSeat(LogindLink& link, const LogindSignal& signal);
  Status Return(LogindLink& link, bool forgetful, const std::string& reason);
  Status Sync(LogindLink& link, bool forgetful, const std::string& reason);
  void BuryLeftovers(const std::vector<Session>& sessions, LoginMonitor& monitor);
  void Say(RawEvent raw);

  RawSink& sink_;
  Diagnostics& diagnostics_;
  const Clock& clock_;
  const RememberedSessions remembered_;
  LogindView view_;
  SleepDelay delay_;
  ClosingReaper reaper_;
  bool ever_synced_ = false;
  bool synced_ = false;
  bool lost_ = false;
};

}  // namespace broker
