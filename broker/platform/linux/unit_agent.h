#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/linux/failed_units.h"
#include "platform/linux/service_manager.h"
#include "platform/linux/system_agent.h"
#include "platform/linux/unit_state.h"

namespace broker {

/// An agent as a transient unit of the system's service manager: follows the one that is there, or
/// has it started. What is heard of the unit is told to it.
///
/// Not thread-safe; nothing waits.
class UnitAgent final : public SystemAgent {
 public:
  /// By the path of the unit's object.
  using All = std::map<std::string, UnitAgent*, std::less<>>;

  /// What it needs; all of it must outlive it.
  struct Parts {
    ServiceManager& manager;
    FailedUnits& failed;
    All& all;  ///< Has it as long as it lives.
  };

  UnitAgent(const Parts& parts, std::string unit);
  ~UnitAgent() override;
  UnitAgent(const UnitAgent&) = delete;
  UnitAgent& operator=(const UnitAgent&) = delete;

  [[nodiscard]] Condition::TimePoint LookAt() const override;
  [[nodiscard]] bool WantsLaunch() const override { return phase_ == Phase::kFree; }
  [[nodiscard]] const std::optional<LaunchStart>& Begun() const override { return begun_; }
  [[nodiscard]] const std::optional<LaunchEnd>& End() const override { return end_; }
  void Look() override;
  void Stop() noexcept override;
  void Launch(const LaunchOrder& order, LaunchMeans means) override;

  /// There is a connection, and it is known whether there is such a unit.
  void Resolve(bool is_there);
  /// The service manager cannot be reached: what runs goes on.
  void CannotAsk(const Status& why);
  /// The connection is gone.
  void Lose();

  /// See UnitListener.
  void Change(sd_bus_message* change);
  void JobMade();
  void JobEnded(std::string_view job, std::string_view result);
  void UnitRead();

  [[nodiscard]] const std::string& Unit() const { return unit_; }

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

  void Start(const char* method, const ServiceManager::Fill& fill);
  void HearStart(const char* method, sd_bus_message* answer);
  void HearRefusal(const char* method, const sd_bus_error& error);
  void StartAnew();
  void Join();
  void Query();
  void HearState(sd_bus_message* answer);
  [[nodiscard]] bool IsStillToBeTold() const;
  void LookWhetherItStarted();
  void SettleAbsent();
  void Leave();
  void Begin();
  [[nodiscard]] bool IsRestarting();
  void Finish(LaunchEnd end);

  const Parts parts_;
  const std::string unit_;
  const std::string path_;
  Phase phase_ = Phase::kUnknown;
  UnitState state_;
  std::string job_;                  ///< That starts it.
  std::optional<uint64_t> made_of_;  ///< If it was launched by us: its DigestOfAgentUnit.
  bool again_ = false;               ///< It is the one that failed, started again.
  bool altered_ = false;             ///< What starts may not be what was asked for.
  bool stays_ = false;               ///< Once it has failed.
  std::string bound_to_;             ///< See LaunchMeans.
  Condition::TimePoint asked_at_;
  bool stopping_ = false;  ///< It has been asked to end by us,
  bool stopped_ = false;   ///< or by whomever.
  std::unique_ptr<BusCall> call_;
  Condition::TimePoint look_at_;
  Condition::TimePoint unload_until_;
  std::optional<LaunchStart> begun_;
  std::optional<LaunchEnd> end_;
};

}  // namespace broker
