#include "plugin_host/subscription.h"

#include <algorithm>

namespace broker {
namespace {

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<EventType> EveryType() {
  std::vector<EventType> types;
  for (auto type = EventType::kUnknown; type < EventType::kCount;
       type = static_cast<EventType>(static_cast<int32_t>(type) + 1)) {
    types.push_back(type);
  }
  return types;
}

}  // namespace

const std::vector<std::string>& Subscription::Names() const {
  return narrowed_ ? *narrowed_ : bound_;
}

bool Subscription::Allows(std::string_view type) const {
  return bound_.empty() || Contains(bound_, type);
}

std::vector<EventType> Subscription::Types() const {
  if (Names().empty()) return EveryType();
  std::vector<EventType> types;
  for (const std::string& name : Names()) {
    const EventType type = ParseEventType(name).value_or(EventType::kUnknown);
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return types;
}

bool Subscription::Wants(const Event& event) const {
  if (event.type != EventType::kUnknown || Names().empty()) return true;
  return Contains(Names(), event.type_name);
}

std::vector<std::string> Subscription::UnknownNames() const {
  std::vector<std::string> unknown;
  for (const std::string& name : Names()) {
    if (!ParseEventType(name)) unknown.push_back(name);
  }
  return unknown;
}

}  // namespace broker
