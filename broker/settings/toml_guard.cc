#include "settings/toml_guard.h"

#include <algorithm>

#include "event/text.h"

namespace broker {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kWhiteSpace = " \t\r\n";
constexpr std::string_view kEndsKey = "=,[]{}\n";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kFirstOfNumber = "0123456789+-";
constexpr std::string_view kInNumber =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+-.:";
constexpr std::string_view kEndsNumber = " \t\r\n,]}#";

constexpr char kArray = '[';
constexpr char kOther = '{';  // An inline table, or a table's header.

bool IsBeyondAscii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// The whole character, of up to four bytes, that begins at `offset`.
std::string_view CharacterAt(std::string_view text, size_t offset) {
  size_t end = offset + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) ++end;
  return text.substr(offset, end - offset);
}

/// The code point of a well-formed `character`.
char32_t ValueOf(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  char32_t value = character.size() == 1 ? lead : lead & (0x7FU >> character.size());
  for (const char c : character.substr(1)) {
    value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return value;
}

std::string Escape(char32_t value) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string out = "\\U";
  for (int shift = 28; shift >= 0; shift -= 4) {
    out.push_back(kHexDigits[(value >> static_cast<unsigned>(shift)) & 0xFU]);
  }
  return out;
}

/// Walks over TOML text, knowing just enough of it to tell its structure from text in strings.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  TomlScan Run() {
    while (at_ < text_.size() && !scan_.hazard) Step();
    return std::move(scan_);
  }

 private:
  void Step() {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '"' || c == '\'') {
      value_ = false;
      SkipString(c);
    } else if (value_ && kFirstOfNumber.find(c) != std::string_view::npos) {
      value_ = false;
      SkipNumber();
    } else {
      Track(c);
      Check(c);
      ++at_;
    }
  }

  /// Keeps what is open, and whether a key or a value comes next.
  void Track(char c) {
    switch (c) {
      case '=':
        value_ = true;
        break;
      case ',':
        value_ = InArray();
        break;
      case '\n':
        value_ = InArray() && value_;
        break;
      case '[':
        open_.push_back(value_ ? kArray : kOther);
        break;
      case '{':
        open_.push_back(kOther);
        value_ = false;
        break;
      case ']':
      case '}':
        if (!open_.empty()) open_.pop_back();
        value_ = false;
        break;
      default:
        value_ = value_ && kWhiteSpace.find(c) != std::string_view::npos;
    }
    dots_ = c == '.' ? dots_ + 1 : dots_;
    if (kEndsKey.find(c) != std::string_view::npos) dots_ = 0;
  }

  void Check(char c) {
    if (open_.size() > kMaxTomlNesting || dots_ >= kMaxTomlNesting) {
      Refuse("more than " + std::to_string(kMaxTomlNesting) +
             " levels of brackets or parts of a key");
    }
    if (IsBeyondAscii(c)) {
      Refuse("\"" + EscapeForTerminal(CharacterAt(text_, at_)) +
             "\" stands outside of quotes; texts, and keys with such characters, need them");
    }
  }

  [[nodiscard]] bool InArray() const { return !open_.empty() && open_.back() == kArray; }

  /// A number or a time, or a date with a time behind a blank.
  void SkipNumber() {
    SkipAll(kInNumber);
    const bool blank_digit = at_ + 1 < text_.size() && text_[at_] == ' ' &&
                             kDigits.find(text_[at_ + 1]) != std::string_view::npos;
    if (blank_digit) {
      ++at_;
      SkipAll(kInNumber);
    }
    if (at_ == text_.size() || kEndsNumber.find(text_[at_]) != std::string_view::npos) return;
    Refuse("\"" + EscapeForTerminal(CharacterAt(text_, at_)) +
           "\" does not belong into a number or a time; texts stand in quotes");
  }

  void SkipString(char quote) {
    const std::string_view rest = text_.substr(at_);
    const bool multi_line = rest.size() >= 3 && rest[1] == quote && rest[2] == quote;
    at_ += multi_line ? 3 : 1;
    while (at_ < text_.size() && !AtEnd(quote, multi_line)) {
      const bool escape = quote == '"' && text_[at_] == '\\';
      ++at_;
      if (escape) SkipEscaped(multi_line);
    }
    SkipClosing(quote, multi_line);
  }

  [[nodiscard]] bool AtEnd(char quote, bool multi_line) const {
    if (!multi_line) return text_[at_] == quote || text_[at_] == '\n';
    return text_.substr(at_, 3) == (quote == '"' ? "\"\"\"" : "'''");
  }

  /// Behind a backslash: goes over what it escapes.
  void SkipEscaped(bool multi_line) {
    const size_t start = at_;
    if (multi_line) SkipAll(kBlanks);
    if (at_ == text_.size()) return;
    const bool line_end = multi_line && (text_[at_] == '\n' || text_[at_] == '\r');
    if (line_end) {
      SkipAll(kWhiteSpace);
      if (at_ < text_.size() && IsBeyondAscii(text_[at_])) scan_.to_escape.push_back(at_);
    } else if (multi_line && IsBeyondAscii(text_[at_])) {
      Refuse("a \"\\\" before this character; write \"\\\\\" for a backslash");
    } else if (at_ == start && text_[at_] != '\n') {
      ++at_;
    }
  }

  void SkipAll(std::string_view characters) {
    at_ = std::min(text_.find_first_not_of(characters, at_), text_.size());
  }

  /// A multi-line string may end in up to two quotes of its own before the closing three.
  void SkipClosing(char quote, bool multi_line) {
    const size_t most = multi_line ? 5 : 1;
    for (size_t i = 0; i < most && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
  }

  void Refuse(std::string message) {
    if (!scan_.hazard) scan_.hazard = TomlHazard{at_, std::move(message)};
  }

  const std::string_view text_;
  TomlScan scan_;
  size_t at_ = 0;
  std::string open_;    // A kArray or kOther for each open bracket.
  size_t dots_ = 0;     // Of the key that is being read.
  bool value_ = false;  // A value comes next.
};

}  // namespace

TomlScan ScanToml(std::string_view text) {
  return Scanner(text).Run();
}

std::string WithEscapes(std::string_view text, const std::vector<size_t>& offsets) {
  std::string out;
  size_t done = 0;
  for (const size_t offset : offsets) {
    const std::string_view character = CharacterAt(text, offset);
    out.append(text.substr(done, offset - done)).append(Escape(ValueOf(character)));
    done = offset + character.size();
  }
  return out.append(text.substr(done));
}

}  // namespace broker
