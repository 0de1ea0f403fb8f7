#include "platform/linux/logind_reporter.h"

#include <utility>

namespace broker {
namespace {

constexpr std::string_view kComponent = "logind";

Result<std::vector<Session>> ReadSessions(LogindBus& bus) {
  Result<std::vector<LogindObject>> listed = bus.Sessions();
  if (!listed.ok()) return listed.status();
  std::vector<Session> sessions;
  for (const LogindObject& object : listed.value()) {
    Result<PropertyMap> properties = bus.SessionProperties(object.path);
    if (properties.ok()) {
      sessions.push_back(DecodeSession(object.name, properties.value()));
    } else if (properties.status().code() != StatusCode::kNotFound) {
      return properties.status();
    }
  }
  return sessions;
}

Result<SeatMap> ReadSeats(LogindBus& bus) {
  Result<std::vector<LogindObject>> listed = bus.Seats();
  if (!listed.ok()) return listed.status();
  SeatMap seats;
  for (const LogindObject& object : listed.value()) {
    Result<PropertyMap> properties = bus.SeatProperties(object.path);
    if (properties.ok()) {
      seats.emplace(object.name, DecodeActiveSession(properties.value()).value_or(""));
    } else if (properties.status().code() != StatusCode::kNotFound) {
      return properties.status();
    }
  }
  return seats;
}

}  // namespace

Status LogindReporter::Begin(LogindLink& link) {
  return Return(link, true, "bus reconnected");
}

Status LogindReporter::Hear(LogindLink& link, const std::vector<LogindSignal>& signals) {
  for (const LogindSignal& signal : signals) {
    Status status = HearOne(link, signal);
    if (!status.ok()) return status;
  }
  return {};
}

Status LogindReporter::HearOne(LogindLink& link, const LogindSignal& signal) {
  switch (signal.says) {
    case LogindSays::kGone:
      diagnostics_.Log(Severity::kWarning, kComponent,
                       "logind left the bus; nothing is known of sessions until it is back");
      Lose("logind left the bus");
      return {};
    case LogindSays::kBack:
      // When the snapshot's own call has started it, the snapshot is already this logind's.
      if (synced_) return {};
      diagnostics_.Log(Severity::kInfo, kComponent, "logind is back");
      return Return(link, true, "logind restarted");
    case LogindSays::kSessionNew:
    case LogindSays::kSessionOutdated:
      return ReadSession(link, signal);
    case LogindSays::kSeatNew:
      return ReadSeat(link, signal);
    default:
      break;
  }
  // What comes while logind is away is from before: the next snapshot knows better.
  if (!synced_) return {};
  if (auto raw = view_.Heard(signal)) Say(*std::move(raw));
  const bool resumed = signal.says == LogindSays::kResumed || signal.says == LogindSays::kStaysUp;
  return resumed ? Return(link, false, "resumed") : Status();
}

/// Somebody may have let go of the inhibitor, and something may have been missed.
Status LogindReporter::Return(LogindLink& link, bool forgetful, const std::string& reason) {
  Status taken = delay_.Take(*link.bus);
  return taken.ok() ? Sync(link, forgetful, reason) : taken;
}

Status LogindReporter::ReadSession(LogindLink& link, const LogindSignal& signal) {
  if (!synced_) return {};
  Result<PropertyMap> properties = link.bus->SessionProperties(signal.path);
  if (properties.ok()) {
    if (auto raw = view_.SessionRead(signal.name, properties.value())) Say(*std::move(raw));
    return {};
  }
  // It came and went before anything could be read of it.
  const bool gone = properties.status().code() == StatusCode::kNotFound;
  return gone ? Status() : properties.status();
}

Status LogindReporter::ReadSeat(LogindLink& link, const LogindSignal& signal) {
  if (!synced_) return {};
  Result<PropertyMap> properties = link.bus->SeatProperties(signal.path);
  if (properties.ok()) {
    if (auto raw = view_.SeatRead(signal.name, properties.value())) Say(*std::move(raw));
    return {};
  }
  const bool gone = properties.status().code() == StatusCode::kNotFound;
  return gone ? Status() : properties.status();
}

void LogindReporter::ReadStates(LogindLink& link) {
  if (!synced_) return;
  for (const std::string& id : view_.Ids()) {
    const auto state = link.monitor->StateOf(id);
    if (!state) continue;
    if (auto raw = view_.StateRead(id, *state)) Say(*std::move(raw));
  }
}

Status LogindReporter::Refresh(LogindLink& link) {
  return synced_ ? Sync(link, false, "on request") : Status();
}

void LogindReporter::Reap(LoginMonitor& monitor) {
  if (!synced_) return;
  for (RawEvent& raw : reaper_.Look(view_, monitor)) Say(std::move(raw));
}

int LogindReporter::ReapInMs() const {
  return synced_ ? reaper_.DueMs(view_) : -1;
}

void LogindReporter::Lose(const std::string& reason) {
  synced_ = false;
  if (std::exchange(lost_, true)) return;
  RawEvent raw;
  raw.kind = RawKind::kLost;
  raw.reason = reason;
  Say(std::move(raw));
}

Status LogindReporter::Sync(LogindLink& link, bool forgetful, const std::string& reason) {
  Result<std::vector<Session>> sessions = ReadSessions(*link.bus);
  if (!sessions.ok()) return sessions.status();
  Result<SeatMap> seats = ReadSeats(*link.bus);
  if (!seats.ok()) return seats.status();
  if (!ever_synced_) BuryLeftovers(sessions.value(), *link.monitor);
  Say(view_.Snapshot(std::move(sessions).value(), std::move(seats).value(), forgetful,
                     ever_synced_ ? reason : "start"));
  synced_ = true;
  ever_synced_ = true;
  lost_ = false;
  return {};
}

/// The broker before may have ended a session as stuck, which logind still keeps.
void LogindReporter::BuryLeftovers(const std::vector<Session>& sessions, LoginMonitor& monitor) {
  for (const Session& session : sessions) {
    if (session.state != SessionState::kClosing) continue;
    if (remembered_.contains({std::string(session.Id()), session.created_us})) continue;
    if (!monitor.HasProcesses(session).value_or(true)) view_.BuryUntold(session);
  }
}

void LogindReporter::Say(RawEvent raw) {
  raw.time = clock_.Now();
  const bool leaves = raw.kind == RawKind::kSuspending || raw.kind == RawKind::kShuttingDown;
  if (leaves) raw.delay_us = delay_.Begin(raw.time.monotonic_us);
  sink_.Submit(std::move(raw));
}

}  // namespace broker
