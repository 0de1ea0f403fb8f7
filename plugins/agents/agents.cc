// The agents plugin: keeps programs running in sessions, the right one in each. README.md has how
// to say which, and what can be relied on.

#include <optional>
#include <random>

#include <usher/plugin.hpp>

#include "accounts.h"
#include "settings.h"
#include "supervisor.h"

namespace {

using usher::EventType;

class AgentsPlugin final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  static void CheckConfig(const usher::Host& host) { (void)agents::ReadSettings(host.Config()); }

  void OnInit() override {
    supervisor_.emplace(host(), agents::ReadSettings(host().Config()), plugins::AccountOf,
                        std::random_device()());
  }

  void OnSnapshot(const usher::Snapshot& snapshot) override { supervisor_->Take(snapshot); }
  void OnEvent(const usher::Event& event) override { supervisor_->Take(event); }

  // Agents that are kept go on.
  void OnStop() override { supervisor_.reset(); }

 private:
  std::optional<agents::Supervisor> supervisor_;
};

}  // namespace

USHER_PLUGIN(AgentsPlugin, "org.usher.agents", "1.0.0",
             usher::Events(EventType::kSessionCreated, EventType::kSessionLogon,
                           EventType::kSessionLogoff, EventType::kSessionDestroyed,
                           EventType::kSessionConnected, EventType::kSessionDisconnected,
                           EventType::kSessionLocked, EventType::kSessionUnlocked,
                           EventType::kSessionUnlockRequested, EventType::kConsoleSwitched,
                           EventType::kControlRequest),
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_LAUNCH, USHER_EXT_STORAGE,
                             USHER_EXT_TIMER));
