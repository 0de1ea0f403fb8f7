#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "action/launcher.h"
#include "plugin_host/cause.h"
#include "usher/ext/launch.h"

namespace broker {

class LeftLaunches;

/// One instance's agents, and what is heard of them until the instance takes it.
///
/// Not thread-safe; call from the plugin's thread, Abandon from any.
class PluginLaunches {
 public:
  /// What is to be called. `callback` and `context` are the plugin's.
  struct Call {
    usher_launch_callback callback = nullptr;
    void* context = nullptr;
    Cause cause;  ///< What led to the launch.
  };
  /// An agent, as it stands in events.
  struct Agent {
    LaunchId id = 0;
    Call call;
    std::string name;
    std::string session;  ///< The session's id.
    std::string program;
    std::string owner;  ///< The session's key or, for all of a user's, their id.
    std::string user;   ///< The user's id.
    LaunchScope scope = LaunchScope::kSession;
    TokenKind token = TokenKind::kUser;
    bool keep = true;                  ///< It goes on when its instance ends.
    bool stopping = false;             ///< It was asked to end.
    std::optional<LaunchStart> start;  ///< Once it is at work.
  };
  using Agents = std::map<LaunchId, Agent>;
  /// What became of an agent: it has started, or it has ended.
  struct News {
    Agent agent;
    std::optional<LaunchEnd> end;  ///< The last that is heard of it.
  };

  /// What an instance leaves to its successor: its agents, and what is heard of them.
  class Inbox;
  struct Left {
    std::string plugin;  ///< Its id.
    std::shared_ptr<Inbox> inbox;
    Agents agents;

    /// There is no successor: `tell` hears what becomes of each agent, on any thread.
    void ForwardTo(const std::function<void(News)>& tell);
  };

  /// Both must outlive this; `plugin` is its plugin's id. Without a `launcher` nothing can be
  /// launched; without `left` nobody hears of agents whose instance has ended.
  PluginLaunches(Launcher* launcher, std::string instance, std::string plugin, LeftLaunches* left);
  ~PluginLaunches();
  PluginLaunches(const PluginLaunches&) = delete;
  PluginLaunches& operator=(const PluginLaunches&) = delete;

  [[nodiscard]] bool Possible() const { return launcher_ != nullptr; }

  /// Takes what the instance's predecessor has left: to be called once nothing can keep the
  /// instance from coming up. `wake` is called, on any thread, whenever there is something to take;
  /// until LeaveAll.
  void WakeBy(const std::function<void()>& wake);

  /// As usher/ext/launch.h says, once the order is known to be allowed; on failure `why` is a
  /// sentence.
  usher_status Start(LaunchOrder order, const Call& call, usher_launch& launch, std::string& why);
  usher_status Stop(usher_launch launch);
  usher_status Release(usher_launch launch);
  /// Ends what was left and not asked for again; the end of each is heard.
  void Settle();

  /// Simulated time has come to `until_us`: as Launcher::Advance. What is heard is to be taken.
  std::optional<int64_t> Advance(int64_t until_us);

  [[nodiscard]] const Agents& All() const { return agents_; }
  /// Whether something may be heard, also of agents that were left.
  [[nodiscard]] bool Expects() const { return !agents_.empty() || !left_agents_.empty(); }
  /// The most that there have been at a time.
  [[nodiscard]] size_t Most() const { return most_; }

  /// The next of what is heard. Of an agent that was left nobody is to be called.
  [[nodiscard]] std::optional<News> Take();

  /// Nothing is heard of any from now on but by a successor; those that are to be kept go on.
  void LeaveAll();

  /// The instance is stuck, and its thread may never come back: its agents are released, so that
  /// another of its name can have them.
  void Abandon() noexcept;

 private:
  void TakeLeft();
  void ReleaseLeft(const Agent& successor);
  void StopLeft(Agent& agent);
  [[nodiscard]] Agents GatherAll();

  Launcher* const launcher_;
  const std::string instance_;
  const std::string plugin_;
  LeftLaunches* const left_;
  std::shared_ptr<Inbox> inbox_;
  Agents agents_;
  Agents left_agents_;  ///< The predecessor's, not asked for again.
  size_t most_ = 0;
  std::atomic<bool> abandoned_ = false;
};

}  // namespace broker
