#include "action/session_actor.h"

#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 4> kActions{"lock", "log off", "disconnect", "switch to"};

}  // namespace

std::string_view Name(SessionAction action) {
  return NameIn(kActions, action);
}

}  // namespace broker
