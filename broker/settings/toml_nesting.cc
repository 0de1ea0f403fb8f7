#include "settings/toml_nesting.h"

#include <algorithm>

namespace broker {
namespace {

/// Walks over TOML text, knowing just enough of it to tell brackets and dots from text in strings.
class NestingScanner {
 public:
  explicit NestingScanner(std::string_view text) : text_(text) {}

  std::optional<size_t> Find() {
    while (at_ < text_.size()) {
      const size_t start = at_;
      Step();
      if (open_ > kMaxTomlNesting || dots_ >= kMaxTomlNesting) return start;
    }
    return std::nullopt;
  }

 private:
  void Step() {
    switch (text_[at_]) {
      case '#':
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '"':
      case '\'':
        SkipString(text_[at_]);
        return;
      default:
        Count(text_[at_++]);
    }
  }

  void Count(char c) {
    const bool opens = c == '[' || c == '{';
    const bool closes = c == ']' || c == '}';
    if (opens) ++open_;
    if (closes && open_ > 0) --open_;
    if (c == '.') ++dots_;
    if (opens || closes || c == '=' || c == ',' || c == '\n') dots_ = 0;
  }

  void SkipString(char quote) {
    const std::string_view rest = text_.substr(at_);
    const bool multi_line = rest.size() >= 3 && rest[1] == quote && rest[2] == quote;
    at_ += multi_line ? 3 : 1;
    while (at_ < text_.size() && !AtEnd(quote, multi_line)) {
      const bool escapes = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                           (multi_line || text_[at_ + 1] != '\n');
      at_ += escapes ? 2 : 1;
    }
    SkipClosing(quote, multi_line);
  }

  [[nodiscard]] bool AtEnd(char quote, bool multi_line) const {
    if (!multi_line) return text_[at_] == quote || text_[at_] == '\n';
    return text_.substr(at_, 3) == Triple(quote);
  }

  static constexpr std::string_view Triple(char quote) { return quote == '"' ? "\"\"\"" : "'''"; }

  /// A multi-line string may end in up to two quotes of its own before the closing three.
  void SkipClosing(char quote, bool multi_line) {
    const size_t most = multi_line ? 5 : 1;
    for (size_t i = 0; i < most && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
  }

  const std::string_view text_;
  size_t at_ = 0;
  size_t open_ = 0;
  size_t dots_ = 0;
};

}  // namespace

std::optional<size_t> FindTooDeepNesting(std::string_view text) {
  return NestingScanner(text).Find();
}

}  // namespace broker
