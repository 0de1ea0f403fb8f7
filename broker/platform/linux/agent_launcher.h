#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "action/launcher.h"
#include "event/mutex.h"
#include "platform/linux/agent_units.h"
#include "platform/linux/exit_watch.h"
#include "platform/linux/forked_agents.h"
#include "platform/linux/login_record.h"
#include "platform/linux/memory_controller.h"
#include "platform/linux/system_agent.h"
#include "platform/linux/unique_fd.h"
#include "platform/linux/user_managers.h"

namespace broker {

/// Where the launcher looks for what it does not ask anybody.
struct LauncherFolders {
  std::string sessions = kLoginRecords;
  std::string users = "/run/user";
  std::string cgroups = "/sys/fs/cgroup";
};

/// Runs agents: as transient units of systemd's where that is there, else by fork. A thread of its
/// own looks whether their sessions are there and their programs trusted, waits for what they need,
/// starts them, and hears of their end. What comes before a start is in agent_launcher_prepare.cc.
class AgentLauncher final : public Launcher, private AskedUnits {
 public:
  /// What `context` refers to must outlive this.
  explicit AgentLauncher(const LauncherContext& context, LauncherFolders folders = {});
  ~AgentLauncher() override;
  AgentLauncher(const AgentLauncher&) = delete;
  AgentLauncher& operator=(const AgentLauncher&) = delete;

  LaunchId Start(LaunchOrder order, std::shared_ptr<LaunchListener> listener) override;
  void Stop(LaunchId launch) noexcept override;
  void Release(LaunchId launch) noexcept override;
  void ReleaseAll(const std::string& instance) noexcept override;
  void Settle(const std::string& instance) noexcept override;

 private:
  using Listener = std::shared_ptr<LaunchListener>;

  /// One that was asked for and has not ended.
  struct Agent {
    LaunchOrder order;
    Listener listener;  ///< Null: nobody is interested.
    std::string unit;
    Condition::TimePoint asked_at;
    Condition::TimePoint begun_at;
    std::unique_ptr<SystemAgent> body;  ///< Null while another one of this unit is ending.
    bool stopping = false;
    std::optional<int64_t> told_pid;      ///< With which it was told as started.
    bool taken_over = false;              ///< It had started when it was asked for.
    std::optional<LaunchFailure> failed;  ///< It has to go again.
    std::shared_ptr<const void> manager;  ///< Keeps the line to its user's open for its successor.

    // While it is not started:
    std::shared_ptr<const UserVariables> user;
    Condition::TimePoint look_at;
    std::chrono::milliseconds delay{0};
  };
  using Agents = std::map<LaunchId, Agent>;
  static constexpr LaunchId kFirstUnasked = 1ULL << 63U;

  void Post(std::function<void()> wish) noexcept;
  void Run() noexcept;
  void Turn();
  void TakeWishes();
  void Begin(LaunchId id, LaunchOrder order, Listener listener);
  [[nodiscard]] bool TakeOver(LaunchId id, const std::string& unit, Listener listener);
  void Release(Agent& agent);
  void Stop(Agent& agent);
  [[nodiscard]] bool Has(std::string_view unit) const override;
  std::unique_ptr<SystemAgent> Find(const Agent& agent);
  void SettleAgents(const std::string& instance);
  void Look();
  [[nodiscard]] bool LookAt(LaunchId id, Agent& agent);
  void Prepare(Agent& agent);
  void PrepareEnvironment(Agent& agent, const LoginRecord& record);
  [[nodiscard]] std::string_view WhatIsMissing(const Agent& agent, uid_t user,
                                               const Environment& variables,
                                               const Environment& leader) const;
  void WaitFor(Agent& agent, std::string_view missing);
  void TellStart(LaunchId id, Agent& agent);
  void TellEnd(LaunchId id, Agent& agent);
  void ExpectSuccessors();
  [[nodiscard]] bool IsSessionThere(const Agent& agent) const;
  void Fail(Agent& agent, LaunchStage stage, std::string_view call, int32_t code,
            std::string_view why);
  void EndOfOtherScope(const LaunchOrder& order);
  void EndUnasked(LaunchOrder order);
  [[nodiscard]] bool IsHeld(const Agent& agent) const;
  [[nodiscard]] bool IsAtWork(const std::string& unit) const;
  void Wait();
  void End();
  void GiveAMoment();
  void LookForSession(Agent& agent);

  Diagnostics& diagnostics_;
  const LauncherFolders folders_;
  const UniqueFd wake_;
  std::atomic<LaunchId> last_ = 0;
  std::atomic<bool> stopping_ = false;

  // The thread's.
  const bool has_systemd_ = ServiceManager::IsThere();
  const bool limits_memory_ = HasMemoryController(folders_.cgroups);
  AgentUnits units_;
  ForkedAgents forked_;
  UserManagers users_;
  ExitWatch exits_;
  Agents agents_;                         ///< Before units_ is gone.
  LaunchId unasked_ = kFirstUnasked - 1;  ///< The last one that nobody has asked for.

  Mutex mutex_;
  std::vector<std::function<void()>> wishes_ USHER_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace broker
