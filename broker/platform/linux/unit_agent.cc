#include "platform/linux/unit_agent.h"

#include <cerrno>
#include <chrono>
#include <utility>

#include "platform/linux/agent_unit.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kStartAgainCall = "StartUnit";
// Until a unit that has ended is forgotten, or is known to have.
constexpr milliseconds kLookAgain{20};
constexpr std::chrono::seconds kUnloadTime{5};

std::string TextOf(const sd_bus_error& error) {
  return error.message == nullptr ? error.name : error.message;
}

LaunchEnd NotAsked(std::string_view call, int32_t code, std::string_view why) {
  return EndOfFailed(Explain(CodeSystem::kLinux, LaunchStage::kSpawn, call, code, why));
}

}  // namespace

UnitAgent::UnitAgent(const Parts& parts, std::string unit)
    : parts_(parts), unit_(std::move(unit)), path_(PathOfUnit(unit_)) {
  parts_.all[path_] = this;
}

UnitAgent::~UnitAgent() {
  parts_.all.erase(path_);
}

Condition::TimePoint UnitAgent::LookAt() const {
  return phase_ == Phase::kLeaving ? look_at_ : Condition::TimePoint::max();
}

void UnitAgent::Look() {
  if (phase_ == Phase::kLeaving && steady_clock::now() >= look_at_) return Leave();
  if (phase_ == Phase::kJoining) return LookWhetherItStarted();
  if (phase_ != Phase::kStarting && phase_ != Phase::kRunning) return;
  if (phase_ == Phase::kStarting && HasStarted(state_)) Begin();
  if (IsRestarting()) return;
  auto end = EndOfAgentUnit(state_, stopped_);
  if (end) Finish(*std::move(end));
}

void UnitAgent::Stop() noexcept {
  if (end_ || std::exchange(stopping_, true)) return;
  stopped_ = true;
  if (phase_ == Phase::kFree) return Finish(EndOfAgent(LaunchEndKind::kStopped, 0, {}));
  if (phase_ == Phase::kLeaving) return Query();
  if (phase_ != Phase::kUnknown) parts_.manager.Stop(unit_);
}

/// One that has failed is started as it is, if it would be made the same.
void UnitAgent::Launch(const LaunchOrder& order, LaunchMeans means) {
  if (unload_until_ == Condition::TimePoint()) {
    unload_until_ = steady_clock::now() + order.stop_time + kUnloadTime;
  }
  state_ = UnitState();
  phase_ = Phase::kStarting;
  made_of_ = DigestOfAgentUnit(order, means);
  stays_ = order.keep;
  bound_to_ = means.bound_to;
  asked_at_ = steady_clock::now();
  const auto failed = parts_.failed.Take(unit_);
  again_ = failed && failed->made_of == made_of_;
  altered_ = false;
  job_.clear();
  if (again_) {
    return Start(kStartAgainCall,
                 [this](BusWriter& writer) { writer.Add("ss", unit_.c_str(), "fail"); });
  }
  if (failed) parts_.manager.ResetFailed(unit_);
  Start(kStartUnitCall, [&](BusWriter& writer) {
    writer.Add("ss", unit_.c_str(), "fail").Open('a', "(sv)");
    AddAgentProperties(writer, order, means);
    writer.Close().Open('a', "(sa(sv))").Close();
  });
}

void UnitAgent::Resolve(bool is_there) {
  if (phase_ != Phase::kUnknown) return;
  if (is_there) return Query();
  SettleAbsent();
}

void UnitAgent::CannotAsk(const Status& why) {
  if (!begun_ && !end_) Finish(NotAsked("connect", 0, why.message()));
}

void UnitAgent::Lose() {
  if (end_) return;
  call_.reset();
  phase_ = Phase::kUnknown;
}

void UnitAgent::Change(sd_bus_message* change) {
  const bool heeded =
      phase_ == Phase::kStarting || phase_ == Phase::kRunning || phase_ == Phase::kJoining;
  const uint32_t before = state_.pid;
  if (heeded) ReadUnitChange(change, state_);
  if (again_) ForgetEndBefore(asked_at_, state_);
  if (phase_ != Phase::kRunning || stopping_) return;
  // A job that is over has changed nothing, or has brought it back.
  const bool goes_on = state_.active_state == "active" && !state_.has_job;
  if (goes_on || state_.pid != before) stopped_ = false;
}

/// Another job than that of its start is for its end, most likely. The unit has told of it before.
void UnitAgent::JobMade() {
  if (phase_ == Phase::kRunning || !state_.job_result.empty()) stopped_ = true;
}

void UnitAgent::JobEnded(std::string_view job, std::string_view result) {
  if (phase_ == Phase::kStarting && !job_.empty() && job == job_) state_.job_result = result;
}

void UnitAgent::Start(const char* method, const ServiceManager::Fill& fill) {
  auto asked = parts_.manager.Ask(
      method, fill, [this, method](sd_bus_message* answer) { HearStart(method, answer); });
  if (!asked.ok()) return Finish(NotAsked(method, 0, asked.status().message()));
  call_ = std::move(asked).value();
}

void UnitAgent::HearStart(const char* method, sd_bus_message* answer) {
  if (IsLost(answer)) return;
  const sd_bus_error* const error = sd_bus_message_get_error(answer);
  if (error != nullptr) return HearRefusal(method, *error);
  if (altered_ && !stopping_) return StartAnew();
  const char* job = nullptr;
  if (sd_bus_message_read(answer, "o", &job) > 0) job_ = job;
}

void UnitAgent::HearRefusal(const char* method, const sd_bus_error& error) {
  const int code = sd_bus_error_get_errno(&error);
  const bool is_otherwise = again_ || code == EEXIST;
  if (!is_otherwise || steady_clock::now() >= unload_until_) {
    return Finish(NotAsked(method, code, TextOf(error)));
  }
  Join();
}

/// Nothing has been told of what was started.
void UnitAgent::StartAnew() {
  parts_.manager.Stop(unit_);
  made_of_.reset();
  again_ = altered_ = false;
  SettleAbsent();
}

/// What has not started by now, or not been asked for, may start as something else.
void UnitAgent::UnitRead() {
  stays_ = false;
  altered_ = phase_ == Phase::kStarting && state_.job_result.empty();
  if (altered_ && !job_.empty() && !stopping_) StartAnew();
}

/// Somebody else has done something about it.
void UnitAgent::Join() {
  made_of_.reset();
  again_ = altered_ = false;
  Query();
}

void UnitAgent::Query() {
  phase_ = Phase::kAsked;
  state_ = UnitState();
  const auto heard = [this](sd_bus_message* answer) { HearState(answer); };
  auto asked = parts_.manager.AskForProperties(path_, heard);
  if (!asked.ok()) return Finish(NotAsked("GetAll", 0, asked.status().message()));
  call_ = std::move(asked).value();
}

void UnitAgent::HearState(sd_bus_message* answer) {
  if (IsLost(answer)) return;
  if (sd_bus_message_get_error(answer) == nullptr) ReadUnitProperties(answer, state_);
  const bool is_there = state_.active_state == "active" || state_.active_state == "activating";
  if (altered_ && is_there && !stopping_) return StartAnew();
  if (state_.active_state == "active") {
    Begin();
  } else if (state_.active_state == "activating") {
    phase_ = Phase::kJoining;
  } else if (IsStillToBeTold()) {
    phase_ = Phase::kRunning;
    state_.job_result = "done";
  } else {
    if (state_.active_state == "failed") parts_.manager.ResetFailed(unit_);
    SettleAbsent();
  }
  if (stopping_ && !end_) parts_.manager.Stop(unit_);
}

/// How it has ended, or is about to.
bool UnitAgent::IsStillToBeTold() const {
  if (state_.active_state == "failed") return begun_.has_value();
  return state_.active_state == "deactivating" && (begun_ || stopping_);
}

void UnitAgent::LookWhetherItStarted() {
  if (state_.active_state == "active") return Begin();
  if (state_.active_state != "activating") SettleAbsent();
}

/// What ran is gone; what did not has to wait until the service manager has forgotten about it.
void UnitAgent::SettleAbsent() {
  if (stopping_) return Finish(EndOfAgent(LaunchEndKind::kStopped, 0, {}));
  if (begun_) return Finish(EndOfAgent(LaunchEndKind::kLost, 0, {}));
  if (unload_until_ == Condition::TimePoint()) {
    phase_ = Phase::kFree;
    return;
  }
  phase_ = Phase::kLeaving;
  look_at_ = steady_clock::now() + kLookAgain;
}

void UnitAgent::Leave() {
  phase_ = Phase::kFree;
  stopped_ = stopping_;
}

void UnitAgent::Begin() {
  // Somebody else has started it meanwhile.
  if (again_ && StartOf(state_) < asked_at_) return Join();
  phase_ = Phase::kRunning;
  if (state_.job_result.empty()) state_.job_result = "done";  // Somebody else's.
  if (begun_ && begun_->pid == state_.pid) return;
  const bool ours = made_of_ && !begun_;
  begun_ = LaunchStart{state_.pid, !ours, microseconds(0)};
  if (ours) return;
  const auto since = steady_clock::now() - StartOf(state_);
  begun_->duration = std::chrono::duration_cast<microseconds>(since);
}

/// Whether somebody else has it end to have it begin again, as `systemctl restart` does; once it
/// has, it is at work as if it had been found so.
bool UnitAgent::IsRestarting() {
  if (phase_ != Phase::kRunning || stopping_) return false;
  const bool is_another = state_.pid != begun_->pid;
  if (is_another && state_.active_state == "active") Begin();
  return state_.has_job && (stopped_ || is_another);
}

/// One that may have a successor stays loaded for it, unless it goes by itself.
void UnitAgent::Finish(LaunchEnd end) {
  end_ = std::move(end);
  phase_ = Phase::kEnded;
  if (state_.active_state != "failed") return;
  if (stopped_ || !made_of_ || !stays_) return parts_.manager.ResetFailed(unit_);
  parts_.failed.Keep(unit_, {*made_of_, steady_clock::now() + kFailedUnitTime, bound_to_});
}

}  // namespace broker
