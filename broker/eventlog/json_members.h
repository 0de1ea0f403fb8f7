#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "event/event.h"
#include "event/status.h"
#include "session/session_table.h"

namespace broker {

/// Reads the members of one JSON object into values. A member that is absent leaves its value as it
/// is; members that nobody asks for are ignored. The first that is of the wrong type is remembered.
///
/// A value on the stack: it refers to `object`. Not thread-safe.
class JsonMembers {
 public:
  explicit JsonMembers(const boost::json::object& object) : object_(object) {}

  void Read(std::string_view name, std::string& into);
  void Read(std::string_view name, int64_t& into);
  void Read(std::string_view name, uint64_t& into);
  void Read(std::string_view name, bool& into);
  void Read(std::string_view name, SessionRef& into);
  void Read(std::string_view name, Details& into);
  void Read(std::string_view name, SeatMap& into);
  void Read(std::string_view name, std::vector<SessionRef>& into);

  /// A time as FormatUtc writes it.
  void ReadTime(std::string_view name, int64_t& into_us);

  /// A text that `parse` turns into an optional value; nullopt is an error.
  template <class Value, class Parse>
  void ReadName(std::string_view name, Value& into, Parse parse) {
    std::string text;
    Read(name, text);
    if (text.empty()) return;
    const auto value = parse(text);
    value ? static_cast<void>(into = *value) : Fail(name, "an unknown value");
  }

  /// Makes an absent member an error.
  void Require(std::string_view name);

  /// kCorrupt and a few words about the first member that could not be read.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  const boost::json::value* Find(std::string_view name) const;
  void ReadEntries(std::string_view name,
                   const std::function<void(std::string key, std::string value)>& take);
  void Fail(std::string_view name, std::string_view is);

  const boost::json::object& object_;
  Status status_;
};

/// Parses one line into an object and hands it to `use`, whose status is returned; kCorrupt when
/// the line is no JSON object. Memory is bounded by the line's length, nesting by Boost.JSON's
/// limit.
Status WithJsonObject(std::string_view line, const std::function<Status(JsonMembers&)>& use);

}  // namespace broker
