// Whether the machine is on, and whether anybody tells of it.
#include "platform/simulated/desktop.h"

namespace broker {

Status SimulatedDesktop::Suspend() {
  const MutexLock lock(mutex_);
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  Report(MakeReport(RawKind::kSuspending));
  power_ = Power::kAsleep;
  return {};
}

Status SimulatedDesktop::Resume() {
  const MutexLock lock(mutex_);
  if (power_ != Power::kAsleep) return {StatusCode::kInvalid, "the machine does not sleep"};
  power_ = Power::kOn;
  Report(MakeReport(RawKind::kResumed));
  Report(MakeSnapshot("resumed"));
  return {};
}

Status SimulatedDesktop::ShutDown(const std::string& reason) {
  const MutexLock lock(mutex_);
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  Report(MakeReport(RawKind::kShuttingDown, reason));
  for (const auto& [id, session] : sessions_) NoteEnd(session);
  power_ = Power::kDown;
  return {};
}

Status SimulatedDesktop::LoseReporter(const std::string& reason) {
  const MutexLock lock(mutex_);
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  if (lost_) return {StatusCode::kInvalid, "the reporter is lost already"};
  Report(MakeReport(RawKind::kLost, reason));
  lost_ = true;
  return {};
}

Status SimulatedDesktop::RecoverReporter(const std::string& reason, bool forgetful) {
  const MutexLock lock(mutex_);
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  if (!lost_) return {StatusCode::kInvalid, "the reporter is not lost"};
  lost_ = false;
  for (auto& [id, session] : sessions_) {
    if (forgetful && session.locked == Locked::kYes) session.locked = Locked::kUnknown;
  }
  Report(MakeSnapshot(reason));
  return {};
}

Status SimulatedDesktop::CheckAwake() const {
  if (power_ == Power::kAsleep) return {StatusCode::kUnavailable, "the machine sleeps"};
  if (power_ == Power::kDown) return {StatusCode::kUnavailable, "the machine is shut down"};
  return {};
}

}  // namespace broker
