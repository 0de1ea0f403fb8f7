#include "tests/unit/source/trace_reader.h"

#include <cctype>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <variant>

namespace broker::testing {
namespace {

/// One value in Python's notation; lists and tuples of strings are `texts`, dictionaries `entries`.
struct Value {
  std::variant<std::monostate, bool, int64_t, std::string> scalar;
  std::vector<std::string> texts;
  PropertyMap entries;
  bool is_tuple = false;
};

/// Reads the subset of Python's notation that the recordings use.
class ValueReader {
 public:
  explicit ValueReader(std::string_view text) : text_(text) {}

  Value Read() {
    Skip();
    if (Take('{')) return Dictionary();
    if (Take('(')) return Sequence(')', true);
    if (Take('[')) return Sequence(']', false);
    if (Take('\'')) return {Text(), {}, {}, false};
    return Word();
  }

 private:
  void Skip() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == ',' || text_[0] == ':')) {
      text_.remove_prefix(1);
    }
  }

  bool Take(char c) {
    Skip();
    if (text_.empty()) throw std::runtime_error("a value ends too early");
    if (text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string Text() {
    const size_t end = text_.find('\'');
    std::string text(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return text;
  }

  Value Word() {
    size_t length = 0;
    while (length < text_.size() && (std::isalnum(text_[length]) != 0 || text_[length] == '-')) {
      ++length;
    }
    const std::string word(text_.substr(0, length));
    text_.remove_prefix(length);
    if (word == "True" || word == "False") return {word == "True", {}, {}, false};
    if (word == "None") return {};
    return {static_cast<int64_t>(std::stoll(word)), {}, {}, false};
  }

  Value Sequence(char end, bool is_tuple) {
    Value sequence;
    sequence.is_tuple = is_tuple;
    while (!Take(end)) {
      Value item = Read();
      if (const auto* text = std::get_if<std::string>(&item.scalar)) {
        sequence.texts.push_back(*text);
      } else {
        sequence.scalar = item.scalar;
      }
    }
    return sequence;
  }

  Value Dictionary() {
    Value dictionary;
    while (!Take('}')) {
      Value key = Read();
      Value value = Read();
      if (auto property = AsProperty(value)) {
        dictionary.entries.emplace(std::get<std::string>(key.scalar), *std::move(property));
      }
    }
    return dictionary;
  }

  static std::optional<PropertyValue> AsProperty(const Value& value) {
    if (value.is_tuple && value.texts.size() == 2) {
      return std::pair(value.texts[0], value.texts[1]);
    }
    if (const auto* flag = std::get_if<bool>(&value.scalar)) return *flag;
    if (const auto* number = std::get_if<int64_t>(&value.scalar)) return *number;
    if (const auto* text = std::get_if<std::string>(&value.scalar)) return *text;
    return std::nullopt;
  }

  std::string_view text_;
};

std::string Word(std::string_view& rest) {
  const size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
  const size_t end = std::min(rest.find(' ', begin), rest.size());
  std::string word(rest.substr(begin, end - begin));
  rest.remove_prefix(end);
  return word;
}

std::string InterfaceOf(std::string_view path) {
  if (path == "~") return "org.freedesktop.login1.Manager";
  if (path.starts_with("~/session/")) return "org.freedesktop.login1.Session";
  if (path.starts_with("~/seat/")) return "org.freedesktop.login1.Seat";
  return "org.freedesktop.login1.User";
}

std::string FullPath(const std::string& path) {
  return "/org/freedesktop/login1" + path.substr(1);
}

TraceLine SignalLine(std::string_view rest) {
  TraceLine line;
  line.kind = TraceKind::kSignal;
  const std::string path = Word(rest);
  line.signal.path = FullPath(path);
  line.signal.member = Word(rest);
  line.signal.interface = InterfaceOf(path);
  const Value arguments = ValueReader(rest).Read();
  if (line.signal.member == "PropertiesChanged") {
    line.signal.texts = {line.signal.interface};
    line.signal.interface = "org.freedesktop.DBus.Properties";
    line.signal.changed = arguments.entries;
    return line;
  }
  for (const std::string& text : arguments.texts) {
    line.signal.texts.push_back(text.starts_with("~/") ? FullPath(text) : text);
  }
  const bool* flag = std::get_if<bool>(&arguments.scalar);
  line.signal.flag = flag != nullptr && *flag;
  return line;
}

TraceLine OwnerLine(std::string_view rest) {
  TraceLine line;
  line.kind = TraceKind::kSignal;
  line.signal.path = "/org/freedesktop/DBus";
  line.signal.interface = "org.freedesktop.DBus";
  line.signal.member = "NameOwnerChanged";
  const std::string name = Word(rest);
  const size_t arrow = rest.find("->");
  std::string_view before = rest.substr(0, arrow);
  std::string_view after = rest.substr(arrow + 2);
  line.signal.texts = {name, Word(before), Word(after)};
  return line;
}

TraceLine PropertiesLine(std::string_view rest) {
  TraceLine line;
  const size_t begin = rest.find('{');
  line.kind = begin == std::string_view::npos ? TraceKind::kNoProperties : TraceKind::kProperties;
  if (begin != std::string_view::npos) {
    line.properties = ValueReader(rest.substr(begin)).Read().entries;
  }
  return line;
}

TraceLine StatesLine(std::string_view rest) {
  TraceLine line;
  line.kind = TraceKind::kStates;
  for (const auto& [id, value] : ValueReader(rest).Read().entries) {
    if (id.starts_with("seat")) continue;
    const std::string& state = std::get<std::string>(value);
    line.states.emplace(id, state.substr(0, state.find('/')));
  }
  return line;
}

TraceLine Meaning(const std::string& word, std::string_view rest) {
  if (word == "SIG") return SignalLine(rest);
  if (word == "NameOwnerChanged") return OwnerLine(rest);
  if (word == "GetAll") return PropertiesLine(rest);
  if (word == "sdmon") return StatesLine(rest);
  return {};
}

TraceLine ParseLine(const std::string& text) {
  std::string_view rest = text;
  std::string word = Word(rest);
  const bool timed = !word.empty() && std::isdigit(word[0]) != 0;
  const double at_ms = timed ? std::stod(word) : 0;
  if (timed) word = Word(rest);
  TraceLine line = Meaning(word, rest);
  line.at_ms = at_ms;
  return line;
}

}  // namespace

std::vector<TraceLine> ReadTrace(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot open " + file);
  std::vector<TraceLine> lines;
  for (std::string text; std::getline(stream, text);) {
    try {
      lines.push_back(ParseLine(text));
    } catch (const std::exception& error) {
      throw std::runtime_error(file + ": " + error.what() + " in: " + text);
    }
  }
  return lines;
}

}  // namespace broker::testing
