#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "event/status.h"

namespace broker {

/// `text` as a JSON string; bytes that are not UTF-8 become "\xNN".
[[nodiscard]] boost::json::string JsonText(std::string_view text);

/// Reads the members of one JSON object. Each call sets `out` if the member is there and of its
/// type; the first that is not makes status() kCorrupt with the member's name, and ends the
/// reading.
///
/// Not thread-safe. The JSON must outlive it.
class JsonFields {
 public:
  /// `path` is what messages call the object.
  JsonFields(const boost::json::value& json, std::string path);

  void Text(std::string_view name, std::string& out);
  void Boolean(std::string_view name, bool& out);
  void Number(std::string_view name, int64_t& out);
  void Number(std::string_view name, uint64_t& out);
  /// Null leaves `out` as it is.
  void NumberOrNull(std::string_view name, uint64_t& out);
  /// UTC text, as FormatUtc writes it → microseconds.
  void Time(std::string_view name, int64_t& out);
  /// The same; null leaves `out` as it is.
  void TimeOrNull(std::string_view name, int64_t& out);

  void Texts(std::string_view name, std::vector<std::string>& out);

  /// Text that `parse` (std::string_view → std::optional<Value>) knows.
  template <class Parse, class Value>
  void Named(std::string_view name, Parse parse, Value& out) {
    std::string text;
    Text(name, text);
    if (!status_.ok()) return;
    if (const auto value = parse(text)) {
      out = *value;
    } else {
      Fail(name, "has a value that this version does not know");
    }
  }

  /// Calls read(JsonFields&) for the object that is the member.
  template <class Read>
  void Inside(std::string_view name, Read read) {
    const boost::json::value* member = Member(name);
    if (member != nullptr) Nested(*member, PathOf(name), read);
  }

  /// Calls read(JsonFields&) for each object of the array that is the member.
  template <class Read>
  void Each(std::string_view name, Read read) {
    const boost::json::value* member = Member(name);
    if (member == nullptr) return;
    if (!member->is_array()) return Fail(name, "is not an array");
    for (const boost::json::value& element : member->get_array()) {
      Nested(element, PathOf(name), read);
      if (!status_.ok()) return;
    }
  }

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  template <class Read>
  void Nested(const boost::json::value& json, std::string path, Read read) {
    JsonFields nested(json, std::move(path));
    read(nested);
    if (status_.ok()) status_ = nested.status();
  }

  /// The member, or nullptr (and a failure) when it is not there.
  const boost::json::value* Member(std::string_view name);
  [[nodiscard]] std::string PathOf(std::string_view name) const;
  void Fail(std::string_view name, std::string_view what);

  const boost::json::object* object_;
  const std::string path_;
  Status status_;
};

}  // namespace broker
