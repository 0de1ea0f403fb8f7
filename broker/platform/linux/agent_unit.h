#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "action/launch.h"
#include "platform/linux/bus_writer.h"
#include "platform/linux/system_agent.h"
#include "platform/linux/unit_state.h"

namespace broker {

/// The pattern that the units of all agents match. Source: glob(7).
inline constexpr const char* kAgentUnits = "usher-agent-*.service";

/// The name of the agent's unit, the same for as long as there is the session, or the user: so it
/// is found again. "usher-agent-INSTANCE_AGENT-HASH.service"; neither name has a "_" in it.
[[nodiscard]] std::string UnitOfAgent(const LaunchOrder& order);

/// The pattern that the units of an instance's agents match, and no others.
[[nodiscard]] std::string UnitsOfInstance(const std::string& instance);

/// Adds the properties of the transient unit that runs an agent, each `(sv)`.
/// Source: org.freedesktop.systemd1(5), systemd.{exec,kill,service,unit,resource-control}(5).
void AddAgentProperties(BusWriter& writer, const LaunchOrder& order, const LaunchMeans& means);

/// A number that two units share only if they are made of the same, as good as certainly. Pure.
[[nodiscard]] uint64_t DigestOfAgentUnit(const LaunchOrder& order, const LaunchMeans& means);

/// How an agent's unit ended, or why it was not started; nullopt while it goes on. `stopped` says
/// whether somebody, the end of its session too, has asked for its end: then one that the service
/// manager has given up, as it did not die in time, counts as stopped. Pure.
[[nodiscard]] std::optional<LaunchEnd> EndOfAgentUnit(const UnitState& state, bool stopped);

}  // namespace broker
