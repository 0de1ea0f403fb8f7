#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "eventlog/codec.h"
#include "eventlog/segments.h"
#include "tests/support/temp_directory.h"

namespace broker::testing {

inline const std::string kFirstBoot(32, 'a');
inline const std::string kSecondBoot(32, 'b');
inline const std::string kMachineOfOld(32, 'c');

/// 2026-01-05 12:00 UTC, an hour after the boot, and `seconds` later.
inline Timestamp At(double seconds) {
  const auto later_us = static_cast<int64_t>(seconds * 1e6);
  return {1767614400000000 + later_us, 3600000000 + later_us};
}

/// A session of alice's as it is recorded.
inline Session Alice(SessionState state, const std::string& boot = kFirstBoot) {
  SessionFacts session;
  session.id = "1";
  session.user = "alice";
  session.user_id = "1001";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.created_us = 3000000000;
  session.key = MakeSessionKey(boot, session.id, session.created_us);
  session.state = state;
  session.active = state == SessionState::kActive;
  session.logon_time_us = state == SessionState::kOpening ? 0 : At(-500).realtime_us;
  return session;
}

inline SessionRef Shared(Session session) {
  return std::make_shared<const Session>(std::move(session));
}

inline Event Recorded(EventType type, double seconds, SessionRef session = nullptr,
                      SessionRef before = nullptr) {
  Event event;
  event.type = type;
  event.time = At(seconds);
  event.source = "logind";
  event.session = std::move(session);
  event.before = std::move(before);
  return event;
}

/// A log that is written event by event, as if by a broker of long ago.
class RecordedLog {
 public:
  /// Begins a segment, which takes the events from now on.
  void Begin(const std::string& boot = kFirstBoot, const SessionSnapshot& sessions = {}) {
    SegmentHeader header;
    header.log_id = std::string(32, 'd');
    header.machine_id = kMachineOfOld;
    header.boot_id = boot;
    header.first_seq = next_;
    header.created_us = At(-1).realtime_us;
    header.sessions = sessions;
    segment_ = SegmentName(next_);
    std::string line;
    EncodeHeader(line, header);
    Append(line);
  }

  void Add(Event event) {
    event.seq = next_++;
    std::string line;
    EncodeEvent(line, event);
    Append(line);
  }

  void Append(std::string_view line) {
    std::ofstream(Path(), std::ios::binary | std::ios::app) << line << '\n';
  }

  [[nodiscard]] const std::string& Directory() const { return directory_.path(); }
  /// The segment that is written.
  [[nodiscard]] std::string Path() const { return directory_ / segment_; }

 private:
  TempDirectory directory_;
  std::string segment_;
  Seq next_ = 1;
};

}  // namespace broker::testing
