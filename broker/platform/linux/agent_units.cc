#include "platform/linux/agent_units.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "platform/linux/agent_unit.h"
#include "platform/linux/unit_state.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstDelay{50};
constexpr milliseconds kLongestDelay{1000};
// Until a unit that has ended is forgotten, or is known to have.
constexpr milliseconds kLookAgain{20};
constexpr std::chrono::seconds kUnloadTime{5};
// What has ended is likely to have a successor, which needs not wait for a new connection then.
constexpr std::chrono::seconds kKeepTime{5};

bool IsLost(const sd_bus_error& error) {
  return sd_bus_error_has_name(&error, SD_BUS_ERROR_DISCONNECTED) > 0 ||
         sd_bus_error_get_errno(&error) == ECONNRESET;
}

std::string TextOf(const sd_bus_error& error) {
  return error.message == nullptr ? error.name : error.message;
}

LaunchEnd NotAsked(std::string_view call, int32_t code, std::string_view why) {
  return EndOfFailed(Explain(CodeSystem::kLinux, LaunchStage::kSpawn, call, code, why));
}

/// The monotonic clock of the service manager is that of steady_clock.
microseconds TimeSince(uint64_t monotonic_us) {
  const auto now = std::chrono::duration_cast<microseconds>(steady_clock::now().time_since_epoch());
  return now - microseconds(monotonic_us);
}

}  // namespace

/// The units know it as long as it lives.
class AgentUnits::Unit final : public SystemAgent {
 public:
  Unit(AgentUnits& units, std::string name)
      : units_(units), name_(std::move(name)), path_(PathOfUnit(name_)) {
    units_.units_[path_] = this;
  }
  ~Unit() override { units_.units_.erase(path_); }
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  [[nodiscard]] Condition::TimePoint LookAt() const override {
    return phase_ == Phase::kLeaving ? look_at_ : Condition::TimePoint::max();
  }
  [[nodiscard]] bool WantsLaunch() const override { return phase_ == Phase::kFree; }
  [[nodiscard]] const std::optional<LaunchStart>& Begun() const override { return begun_; }
  [[nodiscard]] const std::optional<LaunchEnd>& End() const override { return end_; }

  void Look() override {
    if (phase_ == Phase::kLeaving && steady_clock::now() >= look_at_) return Leave();
    if (phase_ == Phase::kJoining) return LookWhetherItStarted();
    if (phase_ != Phase::kStarting && phase_ != Phase::kRunning) return;
    if (phase_ == Phase::kStarting && HasStarted(state_)) Begin();
    auto end = EndOfAgentUnit(state_, stopped_);
    if (end) Finish(*std::move(end));
  }

  void Stop() noexcept override {
    if (end_ || std::exchange(stopping_, true)) return;
    stopped_ = true;
    if (phase_ == Phase::kFree || phase_ == Phase::kLeaving) {
      return Finish(EndOfAgent(LaunchEndKind::kStopped, 0, {}));
    }
    if (phase_ != Phase::kUnknown) units_.manager_.Stop(name_);
  }

  void Launch(const LaunchOrder& order, LaunchMeans means) override {
    if (unload_until_ == Condition::TimePoint()) {
      unload_until_ = steady_clock::now() + order.stop_time + kUnloadTime;
    }
    const auto fill = [&](BusWriter& writer) {
      writer.Add("ss", name_.c_str(), "fail").Open('a', "(sv)");
      AddAgentProperties(writer, order, means);
      writer.Close().Open('a', "(sa(sv))").Close();
    };
    state_ = UnitState();
    phase_ = Phase::kStarting;
    launched_ = true;
    auto asked = units_.manager_.Ask(kStartUnitCall, fill,
                                     [this](sd_bus_message* answer) { HearStart(answer); });
    if (!asked.ok()) return Finish(NotAsked(kStartUnitCall, 0, asked.status().message()));
    call_ = std::move(asked).value();
  }

  /// There is a connection, and it is known whether there is such a unit.
  void Resolve(bool is_there) {
    if (phase_ != Phase::kUnknown) return;
    if (is_there) return Query();
    SettleAbsent();
  }

  /// The service manager cannot be reached: what runs goes on.
  void CannotAsk(const Status& why) {
    if (!begun_ && !end_) Finish(NotAsked("connect", 0, why.message()));
  }

  void Lose() {
    if (end_) return;
    call_.reset();
    phase_ = Phase::kUnknown;
  }

  void Change(sd_bus_message* change) {
    const bool heeded =
        phase_ == Phase::kStarting || phase_ == Phase::kRunning || phase_ == Phase::kJoining;
    if (heeded) ReadUnitChange(change, state_);
  }
  /// Another job than that of its start is for its end.
  void JobMade() {
    if (phase_ == Phase::kRunning || !state_.job_result.empty()) stopped_ = true;
  }
  void JobEnded(std::string_view job, std::string_view result) {
    if (phase_ == Phase::kStarting && !job_.empty() && job == job_) state_.job_result = result;
  }

  [[nodiscard]] const std::string& Name() const { return name_; }

 private:
  enum class Phase {
    kUnknown,   ///< Nobody could be asked yet.
    kAsked,     ///< What its state is.
    kFree,      ///< It is not there.
    kStarting,  ///< By us.
    kJoining,   ///< Somebody else starts it.
    kRunning,
    kLeaving,  ///< It has ended, or is ending, and must be gone before it can be started.
    kEnded,
  };

  void HearStart(sd_bus_message* answer) {
    const sd_bus_error* const error = sd_bus_message_get_error(answer);
    const char* job = nullptr;
    if (error == nullptr && sd_bus_message_read(answer, "o", &job) > 0) job_ = job;
    if (error == nullptr || IsLost(*error)) return;
    const int code = sd_bus_error_get_errno(error);
    if (code != EEXIST || steady_clock::now() >= unload_until_) {
      return Finish(NotAsked(kStartUnitCall, code, TextOf(*error)));
    }
    launched_ = false;
    Query();
  }

  void Query() {
    phase_ = Phase::kAsked;
    state_ = UnitState();
    const auto heard = [this](sd_bus_message* answer) { HearState(answer); };
    auto asked = units_.manager_.AskForProperties(path_, heard);
    if (!asked.ok()) return Finish(NotAsked("GetAll", 0, asked.status().message()));
    call_ = std::move(asked).value();
  }

  void HearState(sd_bus_message* answer) {
    const sd_bus_error* const error = sd_bus_message_get_error(answer);
    if (error != nullptr && IsLost(*error)) return;
    if (error == nullptr) ReadUnitProperties(answer, state_);
    if (state_.active_state == "active") {
      Begin();
    } else if (state_.active_state == "activating") {
      phase_ = Phase::kJoining;
    } else if (state_.active_state == "deactivating" && (begun_ || stopping_)) {
      // Its end is still to be told.
      phase_ = Phase::kRunning;
      state_.job_result = "done";
    } else {
      SettleAbsent();
    }
    if (stopping_ && !end_) units_.manager_.Stop(name_);
  }

  void LookWhetherItStarted() {
    if (state_.active_state == "active") return Begin();
    if (state_.active_state != "activating") SettleAbsent();
  }

  /// What ran is gone; what did not has to wait until the service manager has forgotten about it.
  void SettleAbsent() {
    if (stopping_) return Finish(EndOfAgent(LaunchEndKind::kStopped, 0, {}));
    if (begun_) return Finish(EndOfAgent(LaunchEndKind::kLost, 0, {}));
    if (unload_until_ == Condition::TimePoint()) {
      phase_ = Phase::kFree;
      return;
    }
    phase_ = Phase::kLeaving;
    look_at_ = steady_clock::now() + kLookAgain;
  }

  void Leave() {
    phase_ = Phase::kFree;
    stopped_ = stopping_;
  }

  void Begin() {
    phase_ = Phase::kRunning;
    if (state_.job_result.empty()) state_.job_result = "done";  // Somebody else's.
    if (begun_) return;
    begun_ = LaunchStart{state_.pid, !launched_, microseconds(0)};
    if (!launched_) begun_->duration = TimeSince(state_.started_us);
  }

  void Finish(LaunchEnd end) {
    end_ = std::move(end);
    phase_ = Phase::kEnded;
  }

  AgentUnits& units_;
  const std::string name_;
  const std::string path_;
  Phase phase_ = Phase::kUnknown;
  UnitState state_;
  std::string job_;        ///< That starts it.
  bool launched_ = false;  ///< By us, if it is there.
  bool stopping_ = false;  ///< It has been asked to end by us,
  bool stopped_ = false;   ///< or by whomever.
  std::unique_ptr<BusCall> call_;
  Condition::TimePoint look_at_;
  Condition::TimePoint unload_until_;
  std::optional<LaunchStart> begun_;
  std::optional<LaunchEnd> end_;
};

std::unique_ptr<SystemAgent> AgentUnits::Find(const std::string& unit) {
  auto found = std::make_unique<Unit>(*this, unit);
  if (knows_units_) found->Resolve(found_.erase(unit) > 0);
  return found;
}

void AgentUnits::Settle(const std::string& instance) {
  to_settle_.insert(instance);
  if (knows_units_) AskToSettle(instance);
}

PollWish AgentUnits::Wish() const {
  PollWish wish = manager_.Wish();
  const bool connected = manager_.IsConnected();
  // What is still to be sent holds the end of the connection up as long as it takes.
  if (connected ? IsNeeded() || manager_.HasMoreToSend() : !IsNeeded()) return wish;
  const auto at = connected ? close_at_ : connect_at_;
  const auto left = std::chrono::ceil<milliseconds>(at - steady_clock::now());
  const int wait_ms = static_cast<int>(std::max<int64_t>(left.count(), 0));
  wish.timeout_ms = wish.timeout_ms < 0 ? wait_ms : std::min(wish.timeout_ms, wait_ms);
  return wish;
}

void AgentUnits::Process() {
  const auto now = steady_clock::now();
  if (IsNeeded() && !manager_.IsConnected() && now >= connect_at_) Connect();
  manager_.Process();
  if (IsNeeded()) close_at_ = now + kKeepTime;
  if (manager_.IsConnected() && now >= close_at_ && !manager_.HasMoreToSend()) Close();
}

bool AgentUnits::IsNeeded() const {
  return !units_.empty() || !to_settle_.empty();
}

/// Nothing is left to be heard of.
void AgentUnits::Close() {
  manager_.Close();
  Forget();
  connect_at_ = Condition::TimePoint();
}

void AgentUnits::Connect() {
  const Status connected = manager_.Connect();
  return connected.ok() ? AskForUnits() : RetryAfter(connected);
}

void AgentUnits::AskForUnits() {
  const auto all = [](BusWriter& arguments) { arguments.Texts({}).Texts({kAgentUnits}); };
  auto asked = manager_.Ask("ListUnitsByPatterns", all,
                            [this](sd_bus_message* answer) { HearUnits(answer); });
  if (asked.ok()) listing_ = std::move(asked).value();
}

void AgentUnits::HearUnits(sd_bus_message* answer) {
  const sd_bus_error* const error = sd_bus_message_get_error(answer);
  if (error != nullptr && IsLost(*error)) return;
  delay_ = milliseconds(0);
  knows_units_ = true;
  ForEachUnit(answer, [this](const char* name) { found_.insert(name); });
  for (const auto& [path, unit] : units_) unit->Resolve(found_.erase(unit->Name()) > 0);
  for (const std::string& instance : to_settle_) AskToSettle(instance);
}

void AgentUnits::AskToSettle(const std::string& instance) {
  const auto those = [&](BusWriter& arguments) {
    arguments.Texts({"active", "activating", "reloading"}).Texts({UnitsOfInstance(instance)});
  };
  const auto heard = [this, instance](sd_bus_message* answer) { HearStrangers(instance, answer); };
  auto asked = manager_.Ask("ListUnitsByPatterns", those, heard);
  if (asked.ok()) settling_[instance] = std::move(asked).value();
}

void AgentUnits::HearStrangers(const std::string& instance, sd_bus_message* answer) {
  const sd_bus_error* const error = sd_bus_message_get_error(answer);
  if (error != nullptr && IsLost(*error)) return;
  to_settle_.erase(instance);
  ForEachUnit(answer, [this](const char* name) {
    if (Named(PathOfUnit(name)) == nullptr) manager_.Stop(name);
  });
}

AgentUnits::Unit* AgentUnits::Named(std::string_view path) const {
  const auto found = units_.find(path);
  return found == units_.end() ? nullptr : found->second;
}

void AgentUnits::UnitChanged(std::string_view path, sd_bus_message* change) {
  if (Unit* const unit = Named(path)) unit->Change(change);
}

void AgentUnits::JobMade(std::string_view path) {
  if (Unit* const unit = Named(path)) unit->JobMade();
}

void AgentUnits::JobEnded(std::string_view path, std::string_view job, std::string_view result) {
  if (Unit* const unit = Named(path)) unit->JobEnded(job, result);
}

/// A manager that has replaced itself is there again soon, and has not lost a unit.
void AgentUnits::Lost() {
  const bool had_answered = knows_units_;
  Forget();
  for (const auto& [path, unit] : units_) unit->Lose();
  RetryAfter(had_answered ? Status() : Status(StatusCode::kUnavailable, "it hangs up"));
}

void AgentUnits::Forget() {
  knows_units_ = false;
  found_.clear();
  listing_.reset();
  settling_.clear();
}

void AgentUnits::RetryAfter(const Status& failure) {
  delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
  connect_at_ = steady_clock::now() + delay_;
  if (failure.ok()) return;
  for (const auto& [path, unit] : units_) unit->CannotAsk(failure);
}

}  // namespace broker
