#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "action/session_actor.h"
#include "plugin_host/cause.h"
#include "plugin_host/host_services/mailbox.h"

namespace broker {

/// What one instance has asked to be done to sessions, and what came of it.
///
/// Not thread-safe; call from the plugin's thread.
class PluginActions {
 public:
  /// What came of a request.
  struct News {
    SessionAction action = SessionAction::kLock;
    std::string session;  ///< The session's id.
    Cause cause;          ///< What led to it.
    Status outcome;
  };

  /// `actor` must outlive this; null: nothing can be done.
  explicit PluginActions(SessionActor* actor)
      : actor_(actor), inbox_(std::make_shared<Mailbox<News>>()) {}

  [[nodiscard]] bool Possible() const { return actor_ != nullptr; }

  /// `wake` is called, on any thread, whenever there is something to take; nullptr: no more.
  void WakeBy(std::function<void()> wake) { inbox_->WakeBy(std::move(wake)); }

  /// `session` is not null.
  void Request(SessionAction action, const SessionRef& session, Cause cause) {
    News news{action, std::string(session->Id()), cause, {}};
    actor_->Act(action, session, [inbox = inbox_, news = std::move(news)](Status outcome) {
      News told = news;
      told.outcome = std::move(outcome);
      inbox->Put(std::move(told));
    });
  }

  /// The next of what is heard.
  [[nodiscard]] std::optional<News> Take() { return inbox_->Take(); }

 private:
  SessionActor* const actor_;
  const std::shared_ptr<Mailbox<News>> inbox_;
};

}  // namespace broker
