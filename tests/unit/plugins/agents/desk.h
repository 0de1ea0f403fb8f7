#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <usher/testing.hpp>

namespace agents::testing {

/// The agents plugin on a scripted broker, and a machine whose sessions a test moves about. A
/// session goes by its id; its user's id is 1000 and more, by the user's name.
class Desk : public ::testing::Test {
 protected:
  using Data = usher::testing::SessionData;
  using Outcome = usher::testing::LaunchOutcome;
  using Type = usher::EventType;
  using Texts = std::vector<std::string>;

  /// Another agent, without jitter; sets its keys by what this answers.
  std::string AddAgent(const std::string& name) {
    const std::string prefix = "agent." + std::to_string(count_++) + ".";
    host_.Configure(prefix + "name", name);
    host_.Configure(prefix + "program", "/opt/" + name);
    host_.Configure(prefix + "backoff.jitter", 0);
    return prefix;
  }

  /// Why the configuration is refused; empty: it is not.
  std::string Start() {
    driver_.emplace(host_, *entry_);
    const auto result = driver_->Start();
    return result ? "" : result.text;
  }

  /// The broker ends and another one begins; what is kept in the storage is all that it knows.
  void Restart() {
    driver_->Stop();
    driver_.reset();
    host_.sessions.clear();
    for (const auto& [id, session] : sessions_) host_.sessions.push_back(session);
    ASSERT_EQ(Start(), "");
  }

  // What happens to sessions.

  /// A session of a user who is not logged on yet, nor connected.
  Data& New(const std::string& id, const std::string& user = "") {
    Data& session = sessions_[id] = usher::testing::UserSession(user, id);
    session.key = "b00000000000000000000000000000b0-" + id + "-" + std::to_string(++births_);
    session.user_id = user.empty() ? "" : UserId(user);
    session.state = usher::SessionState::kOpening;
    session.active = false;
    return session;
  }
  /// The logon screen of Windows: a session without a user.
  Data& NewLogonScreen(const std::string& id) { return New(id); }
  Data& NewGreeter(const std::string& id) {
    Data& session = New(id, "gdm");
    session.session_class = "greeter";
    session.state = usher::SessionState::kOnline;
    return session;
  }
  void Created(const std::string& id) { Tell(Type::kSessionCreated, id); }
  void ConsoleConnects(const std::string& id) { Connects(id, false); }
  void RemoteConnects(const std::string& id) { Connects(id, true); }
  void Disconnects(const std::string& id) {
    sessions_.at(id).active = false;
    Tell(Type::kSessionDisconnected, id);
  }
  void LogsOn(const std::string& id, const std::string& user) {
    Data& session = sessions_.at(id);
    session.user = user;
    session.user_id = UserId(user);
    session.state = usher::SessionState::kOnline;
    Tell(Type::kSessionLogon, id);
  }
  void Locks(const std::string& id) { TellLock(id, usher::Locked::kYes, Type::kSessionLocked); }
  void Unlocks(const std::string& id) { TellLock(id, usher::Locked::kNo, Type::kSessionUnlocked); }
  void LogsOff(const std::string& id) {
    sessions_.at(id).state = usher::SessionState::kClosing;
    Tell(Type::kSessionLogoff, id);
  }
  void Goes(const std::string& id) {
    auto event = usher::testing::MakeEvent(Type::kSessionDestroyed);
    event.before = sessions_.at(id);
    sessions_.erase(id);
    Deliver(std::move(event));
  }
  /// All at once: a user's session on the console.
  void Here(const std::string& id, const std::string& user) {
    New(id, user);
    Created(id);
    ConsoleConnects(id);
    LogsOn(id, user);
  }
  void Tell(Type type, const std::string& id) {
    Deliver(usher::testing::MakeEvent(type, sessions_.at(id)));
  }
  void Deliver(usher::testing::EventData event) {
    const auto result = driver_->Deliver(std::move(event));
    EXPECT_TRUE(result) << result.text;
  }
  /// `usherctl agents METHOD NAME --session ID`.
  void Ask(const std::string& method, const std::string& agent, const std::string& id = "") {
    auto event = usher::testing::MakeEvent(Type::kControlRequest);
    event.origin = usher::Origin::kBroker;
    event.details = {{"method", "agents." + method}, {"name", agent}, {"result", "done"}};
    if (!id.empty()) event.details.emplace_back("session", id);
    Deliver(std::move(event));
  }
  static std::string UserId(const std::string& user) {
    return std::to_string(4294967000U - static_cast<uint32_t>(user.empty() ? 0 : user.front()));
  }

  // What becomes of agents.

  /// All that were launched are up, all that were asked to stop are gone.
  void GoOn() {
    for (const auto& launch : host_.Launches()) {
      if (launch.stopping) {
        TellLaunch(launch.launch, USHER_LAUNCH_STOPPED);
      } else if (!launch.started) {
        TellLaunch(launch.launch, USHER_LAUNCH_STARTED);
      }
    }
  }
  /// The one of that name ends.
  void Ends(const std::string& agent, usher_launch_change change = USHER_LAUNCH_EXITED,
            int32_t code = 1) {
    for (const auto& launch : host_.Launches()) {
      if (launch.agent == agent) return TellLaunch(launch.launch, change, code);
    }
    ADD_FAILURE() << "there is no agent " << agent;
  }
  void TellLaunch(usher_launch launch, usher_launch_change change, int32_t code = 0) {
    Outcome outcome;
    outcome.change = change;
    outcome.code = code;
    outcome.meaning = change == USHER_LAUNCH_STARTED ? "" : "it has ended";
    const auto told = driver_->TellLaunch(launch, outcome);
    EXPECT_TRUE(told) << told.text;
  }
  /// What there is: "tray@1", with "stopping" behind it if it was asked to stop.
  [[nodiscard]] Texts There() const {
    Texts there;
    for (const auto& launch : host_.Launches()) {
      there.push_back(launch.agent + "@" + launch.session_id +
                      (launch.stopping ? " stopping" : ""));
    }
    return there;
  }
  /// How many were launched so far.
  [[nodiscard]] usher_launch Launched() const { return host_.Launches().back().launch; }
  [[nodiscard]] usher_agent_state State(const std::string& agent, const std::string& id) const {
    const auto described = host_.Described(agent, id);
    return described ? described->state : USHER_AGENT_GONE;
  }

  void TearDown() override {
    if (driver_) driver_->Stop();
    driver_.reset();
    EXPECT_THAT(host_.Violations(), ::testing::IsEmpty());
  }

  const usher_plugin_entry_t* entry_ = &usher_plugin_entry;
  usher::testing::FakeHost host_;
  std::optional<usher::testing::Driver> driver_;
  std::map<std::string, Data> sessions_;

 private:
  void Connects(const std::string& id, bool remote) {
    Data& session = sessions_.at(id);
    session.active = true;
    session.remote = remote;
    session.seat = remote ? "" : "seat0";
    Tell(Type::kSessionConnected, id);
  }
  void TellLock(const std::string& id, usher::Locked locked, Type type) {
    sessions_.at(id).locked = locked;
    Tell(type, id);
  }

  int count_ = 0;
  int births_ = 0;
};

}  // namespace agents::testing
