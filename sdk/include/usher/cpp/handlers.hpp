// usher/cpp/handlers.hpp: a method for each type of event, for who prefers that to OnEvent.
#ifndef USHER_CPP_HANDLERS_HPP
#define USHER_CPP_HANDLERS_HPP

#include "usher/cpp/base.hpp"
#include "usher/cpp/event_type.hpp"
#include "usher/cpp/views.hpp"

namespace usher {

/// A plugin with a method for each of the common types; override those you want, and name the same
/// types in USHER_PLUGIN. What has no method comes to OnOther. See BasicPlugin.
class SessionPlugin : public Plugin {
 public:
  using Plugin::Plugin;

  virtual void OnCreated(const Event& /*event*/) {}
  /// Somebody is logged on: the session is ready to be used.
  virtual void OnLogon(const Event& /*event*/) {}
  virtual void OnLogoff(const Event& /*event*/) {}
  virtual void OnDestroyed(const Event& /*event*/) {}
  /// A terminal, the console or a remote one, attaches to a session or detaches: no logoff.
  virtual void OnConnected(const Event& /*event*/) {}
  virtual void OnDisconnected(const Event& /*event*/) {}
  virtual void OnLocked(const Event& /*event*/) {}
  virtual void OnUnlocked(const Event& /*event*/) {}
  /// Another session is in the foreground; the details "from" and "to" have their ids.
  virtual void OnConsoleSwitched(const Event& /*event*/) {}
  virtual void OnSuspending(const Event& /*event*/) {}
  virtual void OnResumed(const Event& /*event*/) {}
  virtual void OnShuttingDown(const Event& /*event*/) {}
  /// Every other type.
  virtual void OnOther(const Event& /*event*/) {}

  void OnEvent(const Event& event) final { (this->*MethodFor(event.type()))(event); }

 private:
  using Method = void (SessionPlugin::*)(const Event&);

  static Method MethodFor(EventType type) noexcept {
    switch (type) {
      case EventType::kSessionCreated:
        return &SessionPlugin::OnCreated;
      case EventType::kSessionLogon:
        return &SessionPlugin::OnLogon;
      case EventType::kSessionLogoff:
        return &SessionPlugin::OnLogoff;
      case EventType::kSessionDestroyed:
        return &SessionPlugin::OnDestroyed;
      case EventType::kSessionConnected:
        return &SessionPlugin::OnConnected;
      case EventType::kSessionDisconnected:
        return &SessionPlugin::OnDisconnected;
      case EventType::kSessionLocked:
        return &SessionPlugin::OnLocked;
      case EventType::kSessionUnlocked:
        return &SessionPlugin::OnUnlocked;
      case EventType::kConsoleSwitched:
        return &SessionPlugin::OnConsoleSwitched;
      case EventType::kSystemSuspending:
        return &SessionPlugin::OnSuspending;
      case EventType::kSystemResumed:
        return &SessionPlugin::OnResumed;
      case EventType::kSystemShuttingDown:
        return &SessionPlugin::OnShuttingDown;
      default:
        return &SessionPlugin::OnOther;
    }
  }
};

}  // namespace usher

#endif
