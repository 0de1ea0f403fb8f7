#include "plugin_host/plugin_state.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 6> kNames{"running", "failed",   "quarantined",
                                                 "stopped", "disabled", "starting"};

}  // namespace

std::string_view Name(PluginState state) {
  return NameIn(kNames, state);
}

}  // namespace broker
