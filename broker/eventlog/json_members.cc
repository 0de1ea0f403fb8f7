#include "eventlog/json_members.h"

#include <array>
#include <bitset>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include "eventlog/json_store.h"

namespace broker {
namespace {

using boost::json::error_code;
using JsonText = boost::json::string_view;

/// The members of the object that is being read, and the one whose value is due.
class Members {
 public:
  Members() = default;
  explicit Members(std::span<const JsonMember> members) : members_(members) {}

  /// Goes to the member of this name. They are in order as a rule: the first look finds it.
  void Find(std::string_view name) {
    current_ = nullptr;
    for (size_t tried = 0; tried < members_.size(); ++tried, ++next_) {
      if (next_ >= members_.size()) next_ = 0;
      if (members_[next_].name != name) continue;
      found_.set(next_);
      current_ = &members_[next_++];
      return;
    }
  }

  /// Null where nobody asked for it.
  [[nodiscard]] const JsonMember* Current() const { return current_; }

  [[nodiscard]] const JsonMember* Missing() const {
    for (size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].required && !found_[i]) return &members_[i];
    }
    return nullptr;
  }

 private:
  std::span<const JsonMember> members_;
  size_t next_ = 0;
  const JsonMember* current_ = nullptr;
  std::bitset<kMaxJsonMembers> found_;
};

/// Builds the session that is being read.
class SessionBuilder {
 public:
  void Begin() {
    facts_ = {};
    members_ = MembersOf(facts_);
    shape_ = Members(members_);
  }
  Members& Shape() { return shape_; }
  [[nodiscard]] SessionRef Make() const { return std::make_shared<const Session>(facts_); }

 private:
  using List = std::array<JsonMember, 16>;

  static List MembersOf(SessionFacts& session) {
    return {{{"id", &session.id},
             {"key", &session.key},
             {"user", &session.user},
             {"user_id", &session.user_id},
             {"class", &session.session_class},
             {"type", &session.type},
             {"seat", &session.seat},
             {"tty", &session.tty},
             {"display", &session.display},
             {"remote_host", &session.remote_host},
             {"remote", &session.remote},
             {"active", &session.active},
             {"state", &session.state},
             {"locked", &session.locked},
             {"created_us", &session.created_us},
             {"logon_time", JsonTime{&session.logon_time_us}}}};
  }

  SessionFacts facts_;
  List members_;
  Members shape_;
};

/// Is called by the parser with each piece of the line. Never stops it: text that is not JSON is
/// told of before anything else that is wrong.
class LineHandler {
 public:
  // What the parser asks of its handler; the length of a line bounds all of them.
  static constexpr size_t max_object_size = ~size_t{0};
  static constexpr size_t max_array_size = ~size_t{0};
  static constexpr size_t max_key_size = ~size_t{0};
  static constexpr size_t max_string_size = ~size_t{0};

  explicit LineHandler(std::span<const JsonMember> members) : line_(members) {}

  Status Finish() {
    if (!status_.ok()) return status_;
    const JsonMember* const missing = line_.Missing();
    if (missing != nullptr) Fail(missing->name, "missing");
    return status_;
  }

  bool on_document_begin(error_code& /*error*/) { return true; }
  bool on_document_end(error_code& /*error*/) { return true; }
  bool on_object_begin(error_code& error);
  bool on_object_end(size_t count, error_code& error);
  bool on_array_begin(error_code& error);
  bool on_array_end(size_t count, error_code& error);
  bool on_key_part(JsonText text, size_t size, error_code& error);
  bool on_key(JsonText text, size_t size, error_code& error);
  bool on_string_part(JsonText text, size_t size, error_code& error);
  bool on_string(JsonText text, size_t size, error_code& error);
  bool on_number_part(JsonText /*text*/, error_code& /*error*/) { return true; }
  bool on_int64(int64_t number, JsonText text, error_code& error);
  bool on_uint64(uint64_t number, JsonText text, error_code& error);
  bool on_double(double number, JsonText text, error_code& error);
  bool on_bool(bool value, error_code& error);
  bool on_null(error_code& error);
  bool on_comment_part(JsonText /*text*/, error_code& /*error*/) { return true; }
  bool on_comment(JsonText /*text*/, error_code& /*error*/) { return true; }

 private:
  enum class Place { kStart, kLine, kSession, kEntries, kList };

  std::string_view Whole(JsonText last_part);
  Members& Object() { return place_ == Place::kSession ? session_.Shape() : line_; }
  /// Whether the line's next value is to be of this kind.
  template <class Target>
  [[nodiscard]] bool IsDue() const {
    return place_ == Place::kLine && line_.Current() != nullptr &&
           std::holds_alternative<Target>(line_.Current()->into);
  }
  void BeginSession();
  void EndSession();
  void AddEntry(std::string_view value);
  template <class Store>
  void Take(const Store& store);
  void Refuse();
  void Ignore();
  void Fail(std::string_view name, std::string_view is);

  Place place_ = Place::kStart;
  size_t ignored_ = 0;  // How deep in a value that is passed over.
  Members line_;
  SessionBuilder session_;
  std::string key_;    // Of an entry of details or seats.
  std::string parts_;  // Of a text that comes in several.
  Status status_;
};

void LineHandler::Fail(std::string_view name, std::string_view is) {
  if (!status_.ok()) return;
  status_ = {StatusCode::kCorrupt, "'" + std::string(name) + "' is " + std::string(is)};
  if (place_ == Place::kSession) {
    status_ = status_.Annotate("in '" + std::string(line_.Current()->name) + "'");
  }
}

/// The value is not what its place wants.
void LineHandler::Refuse() {
  if (place_ == Place::kStart) {
    if (status_.ok()) status_ = {StatusCode::kCorrupt, "not a JSON object"};
    return;
  }
  const JsonMember* const member = Object().Current();
  if (member != nullptr) Fail(member->name, std::visit(JsonMisfit(), member->into));
}

/// An object or a list that has no place: nothing in it is looked at.
void LineHandler::Ignore() {
  Refuse();
  ignored_ = 1;
}

void LineHandler::BeginSession() {
  session_.Begin();
  place_ = Place::kSession;
}

void LineHandler::EndSession() {
  const JsonTarget& into = line_.Current()->into;
  if (const auto* const list = std::get_if<std::vector<SessionRef>*>(&into)) {
    (*list)->push_back(session_.Make());
    place_ = Place::kList;
  } else {
    *std::get<SessionRef*>(into) = session_.Make();
    place_ = Place::kLine;
  }
}

bool LineHandler::on_object_begin(error_code& /*error*/) {
  if (ignored_ != 0) {
    ++ignored_;
  } else if (place_ == Place::kStart) {
    place_ = Place::kLine;
  } else if (place_ == Place::kList || IsDue<SessionRef*>()) {
    BeginSession();
  } else if (IsDue<Details*>() || IsDue<SeatMap*>()) {
    place_ = Place::kEntries;
  } else {
    Ignore();
  }
  return true;
}

bool LineHandler::on_object_end(size_t /*count*/, error_code& /*error*/) {
  if (ignored_ != 0) {
    --ignored_;
  } else if (place_ == Place::kSession) {
    EndSession();
  } else if (place_ == Place::kEntries) {
    place_ = Place::kLine;
  }
  return true;
}

bool LineHandler::on_array_begin(error_code& /*error*/) {
  if (ignored_ != 0) {
    ++ignored_;
  } else if (IsDue<std::vector<SessionRef>*>()) {
    place_ = Place::kList;
  } else {
    Ignore();
  }
  return true;
}

bool LineHandler::on_array_end(size_t /*count*/, error_code& /*error*/) {
  if (ignored_ != 0) {
    --ignored_;
  } else if (place_ == Place::kList) {
    place_ = Place::kLine;
  }
  return true;
}

/// A text whose last part is at hand. Valid until the next part comes.
std::string_view LineHandler::Whole(JsonText last_part) {
  if (parts_.empty()) return {last_part.data(), last_part.size()};
  parts_.append(last_part.data(), last_part.size());
  return parts_;
}

bool LineHandler::on_key_part(JsonText text, size_t /*size*/, error_code& /*error*/) {
  parts_.append(text.data(), text.size());
  return true;
}

bool LineHandler::on_key(JsonText text, size_t /*size*/, error_code& /*error*/) {
  const std::string_view name = Whole(text);
  if (ignored_ != 0) {
    // Nobody asked for it.
  } else if (place_ == Place::kEntries) {
    key_.assign(name);
  } else {
    Object().Find(name);
  }
  parts_.clear();
  return true;
}

bool LineHandler::on_string_part(JsonText text, size_t /*size*/, error_code& /*error*/) {
  parts_.append(text.data(), text.size());
  return true;
}

bool LineHandler::on_string(JsonText text, size_t /*size*/, error_code& /*error*/) {
  if (ignored_ == 0 && place_ == Place::kEntries) {
    AddEntry(Whole(text));
  } else {
    Take(StoreJsonText{Whole(text)});
  }
  parts_.clear();
  return true;
}

void LineHandler::AddEntry(std::string_view value) {
  const JsonTarget& into = line_.Current()->into;
  if (auto* const* const details = std::get_if<Details*>(&into)) {
    (*details)->emplace_back(std::move(key_), value);
  } else {
    std::get<SeatMap*>(into)->insert_or_assign(std::move(key_), std::string(value));
  }
  key_.clear();
}

template <class Store>
void LineHandler::Take(const Store& store) {
  if (ignored_ != 0) return;
  const bool member = place_ == Place::kLine || place_ == Place::kSession;
  if (member && Object().Current() == nullptr) return;
  if (!member || !std::visit(store, Object().Current()->into)) Refuse();
}

bool LineHandler::on_int64(int64_t number, JsonText /*text*/, error_code& /*error*/) {
  Take(StoreJsonInteger<int64_t>{number});
  return true;
}

bool LineHandler::on_uint64(uint64_t number, JsonText /*text*/, error_code& /*error*/) {
  Take(StoreJsonInteger<uint64_t>{number});
  return true;
}

bool LineHandler::on_double(double /*number*/, JsonText /*text*/, error_code& /*error*/) {
  Take([](const auto& /*into*/) { return false; });
  return true;
}

bool LineHandler::on_bool(bool value, error_code& /*error*/) {
  Take([value](const auto& into) {
    if constexpr (std::is_same_v<decltype(into), bool* const&>) {
      *into = value;
      return true;
    } else {
      return false;
    }
  });
  return true;
}

bool LineHandler::on_null(error_code& /*error*/) {
  Take([](const auto& /*into*/) { return false; });
  return true;
}

}  // namespace

Status ReadJsonObject(std::string_view line, std::span<const JsonMember> members) {
  boost::json::basic_parser<LineHandler> parser({}, members);
  error_code error;
  const size_t parsed = parser.write_some(false, line.data(), line.size(), error);
  if (!error && parsed < line.size()) error = boost::json::error::extra_data;
  if (error) return {StatusCode::kCorrupt, "not JSON: " + error.message()};
  return parser.handler().Finish();
}

}  // namespace broker
