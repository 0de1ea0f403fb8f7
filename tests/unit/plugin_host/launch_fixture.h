#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin_host/host_services/left_launches.h"
#include "plugin_host/instance.h"
#include "plugin_host/module_trust.h"
#include "tests/unit/plugin_host/host_fixture.h"
#include "tests/unit/plugin_host/where.h"

namespace broker::testing {

/// Keeps what is asked for; tests say what comes of it.
class NotingLauncher final : public Launcher {
 public:
  LaunchId Start(LaunchOrder order, std::shared_ptr<LaunchListener> told) override {
    orders.push_back(std::move(order));
    listener = std::move(told);
    return orders.size();
  }
  void Stop(LaunchId launch) noexcept override { stopped.push_back(launch); }
  void Release(LaunchId launch) noexcept override { released.push_back(launch); }
  void ReleaseAll(const std::string& instance) noexcept override { abandoned.push_back(instance); }
  void Settle(const std::string& instance) noexcept override { settled.push_back(instance); }
  std::optional<int64_t> Advance(const std::string& /*instance*/, int64_t until_us) override {
    if (!exit_us || *exit_us > until_us) return std::nullopt;
    listener->Ended(1, EndOfAgent(LaunchEndKind::kExited, 3, {}));
    return std::exchange(exit_us, std::nullopt);
  }

  std::optional<int64_t> exit_us;  ///< Simulated: when the first one exits.
  std::vector<LaunchOrder> orders;
  std::vector<LaunchId> stopped;
  std::vector<LaunchId> released;
  std::vector<std::string> abandoned;
  std::vector<std::string> settled;
  std::shared_ptr<LaunchListener> listener;
};

/// Counts how often it was woken.
class DeafLane final : public Completions {
 public:
  bool Complete(Seq /*seq*/, Status how) noexcept override { return how.ok(); }
  void Wake() noexcept override { ++woken; }

  int woken = 0;
};

inline LaunchGrant AGrant() {
  LaunchGrant grant;
  grant.programs = {"/opt/example/"};
  return grant;
}

/// An instance of a plugin that launches agents, here or in a child.
class LaunchFixture : public HostFixture, public ::testing::WithParamInterface<Where> {
 protected:
  LaunchFixture() {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    module_ = Load(GetParam(), Install("launches"), copies).value();
    session_ = std::make_shared<const Session>(ASession());
  }

  static Session ASession() {
    SessionFacts facts;
    facts.id = "7";
    facts.key = "boot-7-1";
    facts.user_id = "1001";
    facts.session_class = "user";
    return Session(facts);
  }

  std::string Activate(std::string_view config = "", LaunchGrant grant = AGrant()) {
    HostContext context = context_;
    context.launcher = &launcher_;
    context.agents = &board_;
    context.left = left_;
    context.simulated = simulated_;
    PluginSettings settings = PluginOf("me", "launches", config);
    settings.grant = {USHER_EXT_LAUNCH};
    settings.launch = std::move(grant);
    instance_ = std::make_unique<Instance>(context, settings, module_, directory_ / "store");
    const auto activation = instance_->Activate(lane_);
    return activation.ok() ? "up" : activation.status().message();
  }

  Outcome Deliver(EventType type) {
    Event event = MakeBrokerEvent(type, clock_.Now());
    event.seq = ++seq_;
    event.chain = chain_;
    event.session = session_;
    return instance_->Deliver({event, "{}", boot_id_});
  }

  void LogOn() { EXPECT_EQ(Deliver(EventType::kSessionLogon), Outcome::kDone); }

  [[nodiscard]] std::string Detail(EventType type, std::string_view key) const {
    const auto events = announcer_.Of(type);
    if (events.empty()) return "no such event";
    const std::string* value = events.back().Detail(key);
    return value == nullptr ? "no such detail" : *value;
  }

  const std::string boot_id_ = "boot";
  bool simulated_ = false;
  Seq seq_ = 4;
  uint32_t chain_ = 2;  ///< Of what is delivered.
  DeafLane lane_;
  NotingLauncher launcher_;
  AgentBoard board_;
  std::shared_ptr<LeftLaunches> left_;  ///< Null: agents are left to nobody.
  SessionRef session_;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<Instance> instance_;
};

}  // namespace broker::testing
