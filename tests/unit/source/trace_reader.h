#pragma once

#include <map>
#include <string>
#include <vector>

#include "source/logind_signal.h"

namespace broker::testing {

enum class TraceKind {
  kNote,          ///< What was done at that moment, and anything not needed.
  kSignal,        ///< `signal` came.
  kProperties,    ///< `properties` were read of the object that the signal before was about.
  kNoProperties,  ///< They could not be read: the object is gone.
  kStates,        ///< sd_login_monitor woke; `states` are the sessions' states then.
};

struct TraceLine {
  TraceKind kind = TraceKind::kNote;
  BusSignal signal;
  PropertyMap properties;
  std::map<std::string, std::string> states;
  double at_ms = 0;  ///< When, where the line says so.
};

/// A recording of what a real logind said, as it stands in tests/fixtures/logind/: milliseconds,
/// then `SIG path member arguments`, `GetAll properties`, `NameOwnerChanged name old -> new` or
/// `sdmon states`, with Python's notation for values and ~ for /org/freedesktop/login1; `>>>` is
/// what was done. Throws std::runtime_error for what it cannot read.
std::vector<TraceLine> ReadTrace(const std::string& file);

}  // namespace broker::testing
