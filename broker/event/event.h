#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/clock.h"
#include "event/event_type.h"
#include "event/session.h"

namespace broker {

/// The event's number in the log: rises by one, is never reused. 0 = not yet numbered.
using Seq = uint64_t;

/// Who says that it happened.
enum class Origin : int32_t { kOs = 0, kReconciled, kInjected, kBroker, kPlugin, kRecorded };

/// Further facts of one event, in the order they were added: from/to of a console switch, via,
/// code.
using Details = std::vector<std::pair<std::string, std::string>>;

/// Something that happened, in the vocabulary both systems share. A value; nothing in it points
/// outside but the shared, immutable sessions.
struct Event {
  Seq seq = 0;  ///< Given by the log writer.
  Timestamp time;
  EventType type = EventType::kUnknown;
  std::string type_name;  ///< Only for types without a number (a plugin's own); else empty.
  Origin origin = Origin::kOs;
  std::string source;  ///< "logind", "scm", "wts", "simulated"; empty for the broker's own events.
  Seq cause = 0;       ///< The event that led to this one; 0 = none.
  uint32_t chain = 0;  ///< How many causes stand before it: its own, that one's, and so on.
  std::string reason;  ///< Why, where the type alone does not say: "boot", "resync", …
  SessionRef session;  ///< The session after the event, where it concerns one.
  SessionRef before;   ///< The session before it, where the event changed it.
  Details details;

  /// The dotted name of the type, whichever way it is stored.
  [[nodiscard]] std::string_view TypeName() const;

  /// The detail with this key, or nullptr. Valid as long as the event is.
  [[nodiscard]] const std::string* Detail(std::string_view key) const;
};

/// An event whose chain would be longer is not made: what answers to itself comes to an end.
inline constexpr uint32_t kMaxChain = 8;

/// An event the broker makes itself: origin kBroker, no session, stamped by the caller's clock.
[[nodiscard]] Event MakeBrokerEvent(EventType type, Timestamp time, Details details = {});

[[nodiscard]] std::string_view Name(Origin origin);
[[nodiscard]] std::optional<Origin> ParseOrigin(std::string_view name);

}  // namespace broker
