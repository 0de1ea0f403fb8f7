#include "eventlog/json_members.h"

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "event/utc.h"

namespace broker {
namespace {

// An ordinary line is parsed without the heap.
constexpr size_t kScratchBytes = 16U << 10U;

std::string ToString(const boost::json::string& text) {
  return {text.data(), text.size()};
}

Status ReadSession(const boost::json::object& object, Session& session) {
  JsonMembers members(object);
  members.Read("id", session.id);
  members.Read("key", session.key);
  members.Read("user", session.user);
  members.Read("user_id", session.user_id);
  members.Read("class", session.session_class);
  members.Read("type", session.type);
  members.Read("seat", session.seat);
  members.Read("tty", session.tty);
  members.Read("display", session.display);
  members.Read("remote_host", session.remote_host);
  members.Read("remote", session.remote);
  members.Read("active", session.active);
  members.ReadName("state", session.state, ParseSessionState);
  members.ReadName("locked", session.locked, ParseLocked);
  members.Read("created_us", session.created_us);
  members.ReadTime("logon_time", session.logon_time_us);
  return members.status();
}

}  // namespace

const boost::json::value* JsonMembers::Find(std::string_view name) const {
  return object_.if_contains(name);
}

void JsonMembers::Fail(std::string_view name, std::string_view is) {
  if (!status_.ok()) return;
  status_ = {StatusCode::kCorrupt, "'" + std::string(name) + "' is " + std::string(is)};
}

void JsonMembers::Require(std::string_view name) {
  if (Find(name) == nullptr) Fail(name, "missing");
}

void JsonMembers::Read(std::string_view name, std::string& into) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_string()) return Fail(name, "not a text");
  into = ToString(value->get_string());
}

void JsonMembers::Read(std::string_view name, int64_t& into) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  boost::json::error_code error;
  const auto number = value->to_number<int64_t>(error);
  if (error || value->is_double()) return Fail(name, "not an integer");
  into = number;
}

void JsonMembers::Read(std::string_view name, uint64_t& into) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  boost::json::error_code error;
  const auto number = value->to_number<uint64_t>(error);
  if (error || value->is_double()) return Fail(name, "not a positive integer");
  into = number;
}

void JsonMembers::Read(std::string_view name, bool& into) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_bool()) return Fail(name, "neither true nor false");
  into = value->get_bool();
}

void JsonMembers::ReadTime(std::string_view name, int64_t& into_us) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_string()) return Fail(name, "not a time");
  const auto time = ParseUtc(std::string_view(value->get_string()));
  if (!time) return Fail(name, "not a time");
  into_us = *time;
}

void JsonMembers::Read(std::string_view name, SessionRef& into) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_object()) return Fail(name, "not an object");
  auto session = std::make_shared<Session>();
  const Status read = ReadSession(value->get_object(), *session);
  if (!read.ok()) {
    if (status_.ok()) status_ = read.Annotate("in '" + std::string(name) + "'");
    return;
  }
  into = std::move(session);
}

void JsonMembers::ReadEntries(std::string_view name,
                              const std::function<void(std::string, std::string)>& take) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_object()) return Fail(name, "not an object");
  for (const auto& entry : value->get_object()) {
    if (!entry.value().is_string()) return Fail(name, "not an object of texts");
    take(std::string(entry.key()), ToString(entry.value().get_string()));
  }
}

void JsonMembers::Read(std::string_view name, Details& into) {
  ReadEntries(name, [&into](std::string key, std::string value) {
    into.emplace_back(std::move(key), std::move(value));
  });
}

void JsonMembers::Read(std::string_view name, SeatMap& into) {
  ReadEntries(name, [&into](std::string key, std::string value) {
    into.insert_or_assign(std::move(key), std::move(value));
  });
}

void JsonMembers::Read(std::string_view name, std::vector<SessionRef>& into) {
  const boost::json::value* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_array()) return Fail(name, "not a list");
  for (const boost::json::value& element : value->get_array()) {
    if (!element.is_object()) return Fail(name, "not a list of objects");
    auto session = std::make_shared<Session>();
    const Status read = ReadSession(element.get_object(), *session);
    if (!read.ok()) {
      if (status_.ok()) status_ = read.Annotate("in '" + std::string(name) + "'");
      return;
    }
    into.push_back(std::move(session));
  }
}

Status WithJsonObject(std::string_view line, const std::function<Status(JsonMembers&)>& use) {
  std::array<unsigned char, kScratchBytes> scratch{};
  boost::json::monotonic_resource memory(scratch.data(), scratch.size());
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(line, error, &memory);
  if (error) return {StatusCode::kCorrupt, "not JSON: " + error.message()};
  if (!value.is_object()) return {StatusCode::kCorrupt, "not a JSON object"};
  JsonMembers members(value.get_object());
  return use(members);
}

}  // namespace broker
