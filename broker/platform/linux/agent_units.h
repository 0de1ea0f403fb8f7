#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "event/diagnostics.h"
#include "platform/linux/failed_units.h"
#include "platform/linux/service_manager.h"
#include "platform/linux/system_agent.h"
#include "platform/linux/unit_agent.h"

namespace broker {

/// Agents as transient units of the system's service manager, which knows them by their names also
/// when this broker is gone. There is a connection only while there are agents, and a moment
/// longer.
///
/// Not thread-safe; nothing waits.
class AgentUnits final : public UnitListener {
 public:
  /// Both must outlive this.
  AgentUnits(Diagnostics& diagnostics, const AskedUnits& asked)
      : diagnostics_(diagnostics), asked_(asked), manager_(*this) {}

  /// The agent of this unit, which runs already or wants to be launched; it must not outlive this,
  /// and there must be no other one of the unit.
  std::unique_ptr<SystemAgent> Find(const std::string& unit);

  /// Stops what runs of an instance and nobody has asked for.
  void Settle(const std::string& instance);

  [[nodiscard]] PollWish Wish() const;
  /// Takes in what came and sends what is left to be sent.
  void Process();
  /// The same until all is sent, for a moment at most. No unit that has failed is left behind.
  void Flush();

 private:
  void UnitChanged(std::string_view path, sd_bus_message* change) override;
  void JobMade(std::string_view path) override;
  void JobEnded(std::string_view path, std::string_view job, std::string_view result) override;
  void UnitsRead() override;
  void Lost() override;

  [[nodiscard]] bool IsNeeded() const;
  [[nodiscard]] bool IsWanted() const;
  void Connect();
  void Close();
  void Forget();
  void ResetFailed(const std::vector<std::string>& units);
  void ResetBoundTo(std::string_view path, sd_bus_message* change);
  void RetryAfter(const Status& failure);
  void AskForUnits();
  void HearUnits(sd_bus_message* answer);
  void AskToSettle(const std::string& instance);
  void HearStrangers(const std::string& instance, sd_bus_message* answer);
  [[nodiscard]] UnitAgent* Named(std::string_view path) const;

  Diagnostics& diagnostics_;
  const AskedUnits& asked_;
  ServiceManager manager_;
  FailedUnits failed_;
  UnitAgent::All agents_;
  std::set<std::string> to_settle_;  ///< Instances.
  std::map<std::string, std::unique_ptr<BusCall>> settling_;
  std::unique_ptr<BusCall> listing_;
  /// The units that there were when the connection was made; known once that is answered.
  std::set<std::string> found_;
  bool knows_units_ = false;
  Condition::TimePoint connect_at_;
  Condition::TimePoint close_at_;
  std::chrono::milliseconds delay_{0};
};

}  // namespace broker
