#pragma once

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

/// One instance's agents, and what is heard of them until the instance takes it.
///
/// Not thread-safe; call from the plugin's thread.
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
    TokenKind token = TokenKind::kUser;
    std::optional<LaunchStart> start;  ///< Once it is at work.
  };
  /// What became of an agent: it has started, or it has ended.
  struct News {
    Agent agent;
    std::optional<LaunchEnd> end;  ///< The last that is heard of it.
  };

  /// `launcher` must outlive this; null: nothing can be launched.
  PluginLaunches(Launcher* launcher, std::string instance);
  ~PluginLaunches();
  PluginLaunches(const PluginLaunches&) = delete;
  PluginLaunches& operator=(const PluginLaunches&) = delete;

  [[nodiscard]] bool Possible() const { return launcher_ != nullptr; }

  /// `wake` is called, on any thread, whenever there is something to take; until ReleaseAll.
  void WakeBy(std::function<void()> wake);

  /// As usher/ext/launch.h says, once the order is known to be allowed; on failure `why` is a
  /// sentence.
  usher_status Start(LaunchOrder order, const Call& call, usher_launch& launch, std::string& why);
  usher_status Stop(usher_launch launch);
  usher_status Release(usher_launch launch);
  void Settle() { launcher_->Settle(instance_); }

  /// Simulated time has come to `until_us`: as Launcher::Advance. What is heard is to be taken.
  std::optional<int64_t> Advance(int64_t until_us);

  [[nodiscard]] const std::map<LaunchId, Agent>& All() const { return agents_; }
  /// The most that there have been at a time.
  [[nodiscard]] size_t Most() const { return most_; }

  /// The next of what is heard.
  [[nodiscard]] std::optional<News> Take();

  /// Nothing is heard of any from now on; those that are to be kept go on.
  void ReleaseAll();

 private:
  class Inbox;

  Launcher* const launcher_;
  const std::string instance_;
  const std::shared_ptr<Inbox> inbox_;
  std::map<LaunchId, Agent> agents_;
  size_t most_ = 0;
};

}  // namespace broker
