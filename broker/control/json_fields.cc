#include "control/json_fields.h"

#include <limits>

#include "event/text.h"
#include "event/utc.h"

namespace broker {

using boost::json::value;

boost::json::string JsonText(std::string_view text) {
  if (IsUtf8(text)) return boost::json::string(text);
  return boost::json::string(ToUtf8(text, std::numeric_limits<size_t>::max()));
}

JsonFields::JsonFields(const value& json, std::string path)
    : object_(json.if_object()), path_(std::move(path)) {
  if (object_ == nullptr) status_ = {StatusCode::kCorrupt, path_ + " is not an object"};
}

void JsonFields::Text(std::string_view name, std::string& out) {
  const value* member = Member(name);
  if (member == nullptr) return;
  if (!member->is_string()) return Fail(name, "is not a text");
  out = std::string_view(member->get_string());
}

void JsonFields::Boolean(std::string_view name, bool& out) {
  const value* member = Member(name);
  if (member == nullptr) return;
  if (!member->is_bool()) return Fail(name, "is neither true nor false");
  out = member->get_bool();
}

void JsonFields::Number(std::string_view name, int64_t& out) {
  const value* member = Member(name);
  if (member == nullptr) return;
  if (!member->is_int64()) return Fail(name, "is not an integer");
  out = member->get_int64();
}

void JsonFields::Number(std::string_view name, uint64_t& out) {
  const value* member = Member(name);
  if (member == nullptr) return;
  boost::system::error_code error;
  const auto number = member->to_number<uint64_t>(error);
  if (error || member->is_double()) return Fail(name, "is not a count");
  out = number;
}

void JsonFields::Time(std::string_view name, int64_t& out) {
  std::string text;
  Text(name, text);
  if (!status_.ok()) return;
  const auto time = ParseUtc(text);
  if (!time) return Fail(name, "is not a UTC time");
  out = *time;
}

void JsonFields::NumberOrNull(std::string_view name, uint64_t& out) {
  const value* member = Member(name);
  if (member != nullptr && !member->is_null()) Number(name, out);
}

void JsonFields::TimeOrNull(std::string_view name, int64_t& out) {
  const value* member = Member(name);
  if (member != nullptr && !member->is_null()) Time(name, out);
}

void JsonFields::Texts(std::string_view name, std::vector<std::string>& out) {
  const value* member = Member(name);
  if (member == nullptr) return;
  if (!member->is_array()) return Fail(name, "is not an array");
  for (const value& text : member->get_array()) {
    if (!text.is_string()) return Fail(name, "has something else than texts");
    out.emplace_back(std::string_view(text.get_string()));
  }
}

const value* JsonFields::Member(std::string_view name) {
  if (!status_.ok()) return nullptr;
  const value* member = object_->if_contains(name);
  if (member == nullptr) Fail(name, "is missing");
  return member;
}

std::string JsonFields::PathOf(std::string_view name) const {
  return path_ + "." + std::string(name);
}

void JsonFields::Fail(std::string_view name, std::string_view what) {
  status_ = {StatusCode::kCorrupt, PathOf(name) + " " + std::string(what)};
}

}  // namespace broker
