#include "event/event.h"

#include <algorithm>
#include <array>

#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 6> kOrigins{"os",     "reconciled", "injected",
                                                   "broker", "plugin",     "recorded"};

}  // namespace

std::string_view Event::TypeName() const {
  return type == EventType::kUnknown ? std::string_view(type_name) : Name(type);
}

const std::string* Event::Detail(std::string_view key) const {
  const auto found = std::find_if(details.begin(), details.end(),
                                  [key](const auto& detail) { return detail.first == key; });
  return found == details.end() ? nullptr : &found->second;
}

Event MakeBrokerEvent(EventType type, Timestamp time, Details details) {
  Event event;
  event.type = type;
  event.time = time;
  event.origin = Origin::kBroker;
  event.details = std::move(details);
  return event;
}

std::string_view Name(Origin origin) {
  return NameIn(kOrigins, origin);
}

std::optional<Origin> ParseOrigin(std::string_view name) {
  return ValueIn<Origin>(kOrigins, name);
}

}  // namespace broker
