#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/utc.h"
#include "eventlog/json_members.h"

namespace broker {

// What happens to a value for each kind of target: visitors of JsonTarget. Thread-safe.

/// What is said of a value that does not fit its target.
struct JsonMisfit {
  std::string_view operator()(const std::string*) const { return "not a text"; }
  std::string_view operator()(const int64_t*) const { return "not an integer"; }
  std::string_view operator()(const uint64_t*) const { return "not a positive integer"; }
  std::string_view operator()(const bool*) const { return "neither true nor false"; }
  std::string_view operator()(JsonTime) const { return "not a time"; }
  std::string_view operator()(const Details*) const { return "not an object of texts"; }
  std::string_view operator()(const SeatMap*) const { return "not an object of texts"; }
  std::string_view operator()(const SessionRef*) const { return "not an object"; }
  std::string_view operator()(const std::vector<SessionRef>*) const {
    return "not a list of objects";
  }
  template <class Enum>
  std::string_view operator()(const Enum*) const {
    return "an unknown value";
  }
};

/// Stores a text in its target; false when they do not fit.
struct StoreJsonText {
  std::string_view text;

  bool operator()(std::string* into) const {
    into->assign(text);
    return true;
  }
  bool operator()(JsonTime into) const { return Set(into.us, ParseUtc(text)); }
  bool operator()(Origin* into) const { return text.empty() || Set(into, ParseOrigin(text)); }
  bool operator()(SessionState* into) const {
    return text.empty() || Set(into, ParseSessionState(text));
  }
  bool operator()(Locked* into) const { return text.empty() || Set(into, ParseLocked(text)); }
  template <class Other>
  bool operator()(Other* /*into*/) const {
    return false;
  }

 private:
  template <class Value>
  static bool Set(Value* into, const std::optional<Value>& value) {
    if (value) *into = *value;
    return value.has_value();
  }
};

/// The same for an integer, which must be in the target's range.
template <class Integer>
struct StoreJsonInteger {
  Integer number;

  bool operator()(int64_t* into) const { return Set(into); }
  bool operator()(uint64_t* into) const { return Set(into); }
  template <class Other>
  bool operator()(Other /*into*/) const {
    return false;
  }

 private:
  template <class Value>
  bool Set(Value* into) const {
    if (!std::in_range<Value>(number)) return false;
    *into = static_cast<Value>(number);
    return true;
  }
};

}  // namespace broker
