#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <usher/plugin.hpp>

#include "machine.h"
#include "session.h"
#include "settings.h"

namespace agents {

/// The monotonic time of the broker's clock.
[[nodiscard]] Moment Now(const usher::Host& host);

/// Tells the broker how an agent is. Who cannot be shown runs nevertheless: that is a warning only.
void Describe(const usher::Host& host, const usher::AgentStatus& status);

/// One agent in one place: does what its machine says, tells the machine what came of it, and the
/// broker how the agent is.
///
/// Not thread-safe, not movable; call from the plugin's thread. `changed` is called at the end of
/// what news of the agent bring about, and may destroy this.
class Post {
 public:
  Post(const usher::Host& host, const Agent& agent, Machine::Random& random,
       std::function<void()> changed)
      : host_(host), agent_(agent), machine_(agent.rules, random), changed_(std::move(changed)) {}
  Post(const Post&) = delete;
  Post& operator=(const Post&) = delete;

  /// What is wanted, the session that it is to run in, or would be, and what happened to that.
  void Wants(Moment now, const Want& want, const Session& session, usher::EventType happened);

  // What an administrator says.
  /// Before the first Wants: it begins so.
  void Stop(Moment now) { Do(now, machine_.Stop(now)); }
  void Start(Moment now) { Do(now, machine_.Start(now)); }
  void Restart(Moment now) { Do(now, machine_.Restart(now)); }
  void Reset(Moment now) { Do(now, machine_.Reset(now)); }

  void Tick(Moment now) { Do(now, machine_.Tick(now)); }
  [[nodiscard]] std::optional<Moment> Due() const { return machine_.Due(); }

  [[nodiscard]] bool HasOne() const { return machine_.HasOne(); }
  /// The session that it was given last.
  [[nodiscard]] const Session& InSession() const { return session_; }

  /// Nothing more is to be said of it.
  void TellGone();

 private:
  void Do(Moment now, Action action);
  Action Launch(Moment now);
  void Told(const usher::LaunchNews& news);
  void Tell();
  /// As the machine has it, and what only a post knows of it.
  [[nodiscard]] Description Described() const;
  [[nodiscard]] usher::LaunchRequest Request() const;

  const usher::Host host_;
  const Agent& agent_;
  Machine machine_;
  const std::function<void()> changed_;
  Session session_;
  usher::Launch launch_;
  std::optional<Description> told_;
  std::string told_of_;  ///< The session that was named with it.
};

}  // namespace agents
