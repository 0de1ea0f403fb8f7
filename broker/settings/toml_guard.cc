#include "settings/toml_guard.h"

#include <algorithm>

#include "event/text.h"

namespace broker {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kWhiteSpace = " \t\r\n";

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
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out = "\\U";
  for (int shift = 28; shift >= 0; shift -= 4) {
    out.push_back(kDigits[(value >> static_cast<unsigned>(shift)) & 0xFU]);
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
    switch (c) {
      case '#':
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '"':
      case '\'':
        SkipString(c);
        return;
      default:
        Count(c);
        ++at_;
    }
  }

  void Count(char c) {
    const bool opens = c == '[' || c == '{';
    const bool closes = c == ']' || c == '}';
    if (opens) ++open_;
    if (closes && open_ > 0) --open_;
    if (c == '.') ++dots_;
    if (opens || closes || c == '=' || c == ',' || c == '\n') dots_ = 0;
    if (open_ > kMaxTomlNesting || dots_ >= kMaxTomlNesting) {
      Refuse("more than " + std::to_string(kMaxTomlNesting) +
             " levels of brackets or parts of a key");
    }
    if (IsBeyondAscii(c)) {
      Refuse("\"" + EscapeForTerminal(CharacterAt(text_, at_)) +
             "\" stands outside of quotes; texts, and keys with such characters, need them");
    }
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
  size_t open_ = 0;
  size_t dots_ = 0;
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
