#include "sentence.h"

#include <cstddef>
#include <optional>

#include <usher/cpp/text.hpp>

#include "text.h"

namespace journald {
namespace {

// A source whose events happened to nobody.
constexpr std::string_view kSimulated = "simulated";

/// Texts that end a sentence may have spaces; all others are words of it.
bool IsProse(std::string_view key) {
  return key == "error" || key == "reason" || key == "what" || key == "why";
}

std::string Place(const usher::Session& session) {
  if (!session.remote_host().empty()) return "from " + Word(session.remote_host());
  std::string place;
  for (const std::string_view part : {session.seat(), session.tty(), session.display()}) {
    if (!part.empty()) place += (place.empty() ? "at " : " ") + Word(part);
  }
  return place;
}

std::string User(const usher::Session& session) {
  if (!session) return "";
  if (!session.user().empty()) return Word(session.user());
  return session.user_id().empty() ? "nobody known" : "user " + Word(session.user_id());
}

/// What stands for `{key}`; empty if there is nothing.
std::string Value(std::string_view key, const usher::Event& event) {
  if (const auto detail = event.Find(key)) return IsProse(key) ? Readable(*detail) : Word(*detail);
  const usher::Session session = SessionOf(event);
  if (key == "user") return User(session);
  if (key == "session") return Word(session.id());
  if (key == "class") return Word(session.session_class());
  if (key == "place") return Place(session);
  if (key == "type") return Word(event.type_name());
  return "";
}

/// A pattern that is being filled in.
class Filling {
 public:
  explicit Filling(const usher::Event& event) : event_(event) {}

  std::string Fill(std::string_view pattern) {
    std::string out;
    while (!pattern.empty()) {
      const char first = pattern.front();
      if (first == '[') {
        out += FillOptional(Take(pattern, ']'));
      } else if (first == '{') {
        const std::string value = Value(Take(pattern, '}'), event_);
        lacks_ = lacks_ || value.empty();
        out += value.empty() ? "unknown" : value;
      } else {
        out += first;
        pattern.remove_prefix(1);
      }
    }
    return out;
  }

 private:
  /// Takes what begins with a bracket, and answers what is in it.
  static std::string_view Take(std::string_view& pattern, char end) {
    const size_t length = pattern.find(end);
    const std::string_view inner = pattern.substr(1, length - 1);
    pattern.remove_prefix(length + 1);
    return inner;
  }

  std::string FillOptional(std::string_view inner) {
    lacks_ = false;
    const std::string filled = Fill(inner);
    return lacks_ ? "" : filled;
  }

  const usher::Event& event_;
  bool lacks_ = false;  ///< Whether something was missing in the optional part at hand.
};

/// Whether an event of this origin needs a word about it.
bool IsPlain(usher::Origin origin) {
  return origin == usher::Origin::kOs || origin == usher::Origin::kBroker;
}

/// What follows the sentence.
std::string Remarks(const usher::Event& event) {
  std::string remarks;
  if (event.source() == kSimulated) remarks = kSimulated;
  if (!IsPlain(event.origin())) {
    remarks.append(remarks.empty() ? "" : ", ").append(usher::Name(event.origin()));
  }
  if (!event.reason().empty()) {
    remarks += (remarks.empty() ? "" : ": ") + Readable(event.reason());
  }
  return remarks.empty() ? "" : " (" + remarks + ")";
}

}  // namespace

std::string Sentence(std::string_view pattern, const usher::Event& event) {
  return Filling(event).Fill(pattern) + Remarks(event);
}

usher::Session SessionOf(const usher::Event& event) {
  if (event.session()) return event.session();
  return event.before().value_or(usher::Session(nullptr));
}

}  // namespace journald
