#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "event/session.h"

namespace broker {

/// One D-Bus property's value, free of any D-Bus library. The pair is logind's (id, object path) of
/// Seat and ActiveSession, or its (uid, object path) of User with the uid as text.
using PropertyValue =
    std::variant<bool, int64_t, uint64_t, std::string, std::pair<std::string, std::string>>;
using PropertyMap = std::map<std::string, PropertyValue, std::less<>>;

/// Pure decoding of what systemd-logind says.
/// Source: org.freedesktop.login1(5), sd_bus_path_encode(3).

/// The text that an object path's last element stands for: "_XX" is the byte with that hexadecimal
/// value, a lone "_" is the empty text. Malformed escapes stay as they are.
[[nodiscard]] std::string UnescapePathElement(std::string_view element);

/// The session, or the seat, that an object path of logind's names: "…/session/_311" is "11".
[[nodiscard]] std::optional<std::string> SessionIdOfPath(std::string_view path);
[[nodiscard]] std::optional<std::string> SeatNameOfPath(std::string_view path);

/// The session's facts out of all its properties. What is missing or of an unexpected type keeps
/// its default: logind grows properties from version to version.
[[nodiscard]] Session DecodeSession(std::string id, const PropertyMap& properties);

/// Takes the properties that PropertiesChanged names into `session`. An Active edge moves `state`
/// between online and active, for logind never says so itself; opening and closing stay.
void ApplyChanges(const PropertyMap& changed, SessionFacts& session);

/// The state of a session that is neither opening nor closing.
[[nodiscard]] SessionState ForegroundState(bool active);

/// The seat's active session out of its properties, empty for none; nullopt where they do not say.
[[nodiscard]] std::optional<std::string> DecodeActiveSession(const PropertyMap& properties);

}  // namespace broker
