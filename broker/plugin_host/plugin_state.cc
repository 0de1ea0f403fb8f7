#include "plugin_host/plugin_state.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 5> kNames{"running", "failed", "quarantined", "stopped",
                                                 "disabled"};

}  // namespace

std::string_view Name(PluginState state) {
  return NameIn(kNames, state);
}

}  // namespace broker
