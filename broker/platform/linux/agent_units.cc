#include "platform/linux/agent_units.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "platform/linux/agent_unit.h"
#include "platform/linux/unit_state.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstDelay{50};
constexpr milliseconds kLongestDelay{1000};
// What has ended is likely to have a successor, which needs not wait for a new connection then.
constexpr std::chrono::seconds kKeepTime{5};
// What is left over may be given ten minutes to end, and fail then.
constexpr std::chrono::minutes kStrangersTime{11};
constexpr std::string_view kPathOfAgents = "/org/freedesktop/systemd1/unit/usher_2dagent_2d";

}  // namespace

std::unique_ptr<SystemAgent> AgentUnits::Find(const std::string& unit) {
  auto found = std::make_unique<UnitAgent>(UnitAgent::Parts{manager_, failed_, agents_}, unit);
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
  auto at = connected ? failed_.NextDue() : connect_at_;
  if (!connected && !IsWanted()) return wish;
  if (connected && !IsNeeded() && !manager_.HasMoreToSend()) at = close_at_;
  if (at == Condition::TimePoint::max()) return wish;
  const auto left = std::chrono::ceil<milliseconds>(at - steady_clock::now());
  const int wait_ms = static_cast<int>(std::max<int64_t>(left.count(), 0));
  wish.timeout_ms = wish.timeout_ms < 0 ? wait_ms : std::min(wish.timeout_ms, wait_ms);
  return wish;
}

void AgentUnits::Process() {
  const auto now = steady_clock::now();
  // Who told it something may have connected without asking for units.
  if (IsWanted() && listing_ == nullptr && now >= connect_at_) Connect();
  manager_.Process();
  if (manager_.IsConnected()) ResetFailed(failed_.TakeDue(now));
  if (IsNeeded()) close_at_ = std::max(close_at_, now + kKeepTime);
  if (manager_.IsConnected() && now >= close_at_ && !manager_.HasMoreToSend()) Close();
}

bool AgentUnits::IsNeeded() const {
  return !agents_.empty() || !to_settle_.empty() || !failed_.IsEmpty();
}

/// Also where nobody needs it: until it may be closed, a connection that is lost is made anew.
bool AgentUnits::IsWanted() const {
  return IsNeeded() || steady_clock::now() < close_at_;
}

void AgentUnits::Flush() {
  ResetFailed(failed_.TakeDue(Condition::TimePoint::max()));
  manager_.Flush();
}

/// Those that nobody starts again.
void AgentUnits::ResetFailed(const std::vector<std::string>& units) {
  for (const std::string& unit : units) manager_.ResetFailed(unit);
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
  if (IsLost(answer)) return;
  delay_ = milliseconds(0);
  knows_units_ = true;
  ForEachUnit(answer, [this](const char* name, std::string_view active_state) {
    const bool is_left = active_state == "failed" && Named(PathOfUnit(name)) == nullptr;
    if (!is_left) {
      found_.insert(name);
    } else if (!failed_.Has(name)) {
      manager_.ResetFailed(name);
    }
  });
  for (const auto& [path, agent] : agents_) agent->Resolve(found_.erase(agent->Unit()) > 0);
  for (const std::string& instance : to_settle_) AskToSettle(instance);
}

void AgentUnits::AskToSettle(const std::string& instance) {
  const auto those = [&](BusWriter& arguments) {
    arguments.Texts({"active", "activating", "reloading", "deactivating"});
    arguments.Texts({UnitsOfInstance(instance)});
  };
  const auto heard = [this, instance](sd_bus_message* answer) { HearStrangers(instance, answer); };
  auto asked = manager_.Ask("ListUnitsByPatterns", those, heard);
  if (asked.ok()) settling_[instance] = std::move(asked).value();
}

void AgentUnits::HearStrangers(const std::string& instance, sd_bus_message* answer) {
  if (IsLost(answer)) return;
  to_settle_.erase(instance);
  ForEachUnit(answer, [this](const char* name, std::string_view) {
    if (asked_.Has(name)) return;
    manager_.Stop(name);
    diagnostics_.Log(Severity::kInfo, "launcher",
                     std::string(name) + " is being ended: nobody asks for it any more");
    close_at_ = steady_clock::now() + kStrangersTime;
  });
}

UnitAgent* AgentUnits::Named(std::string_view path) const {
  const auto found = agents_.find(path);
  return found == agents_.end() ? nullptr : found->second;
}

void AgentUnits::UnitChanged(std::string_view path, sd_bus_message* change) {
  if (UnitAgent* const agent = Named(path)) return agent->Change(change);
  if (!path.starts_with(kPathOfAgents)) return ResetBoundTo(path, change);
  const std::string name = UnitOfPath(std::string(path));
  if (failed_.Has(name)) return;
  // Nobody's any more, as one that was ended for being left over.
  UnitState state;
  ReadUnitChange(change, state);
  if (state.active_state == "failed") manager_.ResetFailed(name);
}

/// A session's unit that has ended stays loaded as long as one that is bound to it, and its name
/// taken.
void AgentUnits::ResetBoundTo(std::string_view path, sd_bus_message* change) {
  if (failed_.IsEmpty()) return;
  UnitState state;
  ReadUnitChange(change, state);
  const bool has_ended = state.active_state == "inactive" || state.active_state == "failed";
  if (has_ended) ResetFailed(failed_.TakeBoundTo(UnitOfPath(std::string(path))));
}

void AgentUnits::JobMade(std::string_view path) {
  if (UnitAgent* const agent = Named(path)) agent->JobMade();
}

void AgentUnits::JobEnded(std::string_view path, std::string_view job, std::string_view result) {
  if (UnitAgent* const agent = Named(path)) agent->JobEnded(job, result);
}

/// What it reads is not always what it was told: systemd 252 takes for a part of an argument the
/// backslash that it has written before "$" or ";". So none of these is started again as it is.
void AgentUnits::UnitsRead() {
  ResetFailed(failed_.TakeDue(Condition::TimePoint::max()));
  for (const auto& [path, agent] : agents_) agent->UnitRead();
}

/// A manager that has replaced itself is there again soon, and has not lost a unit; what it was
/// told last it may have, and what has failed is looked for anew.
void AgentUnits::Lost() {
  const bool had_answered = knows_units_;
  if (had_answered) close_at_ = std::max(close_at_, steady_clock::now() + kKeepTime);
  Forget();
  for (const auto& [path, agent] : agents_) agent->Lose();
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
  for (const auto& [path, agent] : agents_) agent->CannotAsk(failure);
}

}  // namespace broker
