#include "event/event_type.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(EventType::kCount)> kNames{
    "",
    "session.created",
    "session.logon",
    "session.logoff",
    "session.destroyed",
    "session.connected",
    "session.disconnected",
    "session.locked",
    "session.unlocked",
    "session.lock_requested",
    "session.unlock_requested",
    "session.remote_control",
    "console.switched",
    "session.unknown_change",
    "system.suspending",
    "system.resumed",
    "system.shutting_down",
    "source.lost",
    "source.resynced",
    "broker.started",
    "broker.stopping",
    "config.reloaded",
    "config.rejected",
    "plugin.loaded",
    "plugin.failed",
    "plugin.overdue",
    "plugin.quarantined",
    "plugin.released",
    "plugin.lagging",
    "plugin.skipped",
    "agent.launching",
    "agent.started",
    "agent.exited",
    "agent.backing_off",
    "agent.gave_up",
    "agent.stopped",
    "message.queued",
    "message.shown",
    "message.answered",
    "message.expired",
    "message.failed",
    "log.gap",
    "log.damaged",
    "suppressed",
    "control.request",
    "run.started",
    "run.ended",
    "run.failed",
    "action.done",
    "action.failed",
};

}  // namespace

std::string_view Name(EventType type) {
  return NameIn(kNames, type);
}

std::optional<EventType> ParseEventType(std::string_view name) {
  return ValueIn<EventType>(kNames, name);
}

}  // namespace broker
