#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "source/logind_decoder.h"

namespace broker {

/// A D-Bus signal, free of any D-Bus library: its leading strings (object paths too), or its
/// boolean, or what PropertiesChanged carries.
struct BusSignal {
  std::string path;
  std::string interface;
  std::string member;
  std::vector<std::string> texts;
  bool flag = false;
  PropertyMap changed;
  std::vector<std::string> invalidated;
};

enum class LogindSays : int32_t {
  kSessionNew = 0,   ///< `name` at `path` is there; its properties are still to be read.
  kSessionRemoved,   ///< `name` is gone, and nothing of it can be read any more.
  kSessionChanged,   ///< `changed` are properties of session `name`.
  kSessionOutdated,  ///< Properties of session `name` changed, without their values: read them.
  kSeatNew,          ///< Seat `name` at `path` is there; its properties are still to be read.
  kSeatRemoved,      ///< Seat `name` is gone.
  kSeatChanged,      ///< `changed` are properties of seat `name`.
  kLock,             ///< Session `name` is asked to lock.
  kUnlock,           ///< Session `name` is asked to unlock.
  kSuspending,
  kResumed,
  kShuttingDown,
  kStaysUp,  ///< A shutdown that was announced failed, or was called off.
  kGone,     ///< logind left the bus.
  kBack,     ///< logind is on the bus (again).
};

/// One thing that logind, or the bus about it, said.
struct LogindSignal {
  LogindSays says = LogindSays::kSessionNew;
  std::string name;
  std::string path;
  PropertyMap changed;
};

/// The meaning of a signal; nullopt for what the broker has no use for (users, devices,
/// inhibitors). Whether the sender may say so is checked before. Source: org.freedesktop.login1(5).
[[nodiscard]] std::optional<LogindSignal> DecodeSignal(const BusSignal& signal);

}  // namespace broker
