#include "eventlog/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "event/text.h"

namespace broker {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr bool NeedsEscape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// The letter of the two-character escape, or 0 where there is none. Source: RFC 8259, section 7.
constexpr char ShortEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

void AppendEscape(std::string& out, char c) {
  out.push_back('\\');
  if (const char letter = ShortEscape(c); letter != 0) {
    out.push_back(letter);
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out.append("u00");
  out.push_back(kHexDigits[byte >> 4U]);
  out.push_back(kHexDigits[byte & 0xFU]);
}

void AppendEscaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto plain =
        static_cast<size_t>(std::find_if(text.begin(), text.end(), NeedsEscape) - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    AppendEscape(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text, size_t limit) {
  out.push_back('"');
  if (text.size() <= limit && (IsAscii(text) || IsUtf8(text))) {
    AppendEscaped(out, text);
  } else {
    AppendEscaped(out, ToUtf8(text, limit));
  }
  out.push_back('"');
}

void AppendJsonName(std::string& out, std::string_view name) {
  if (out.back() != '{') out.push_back(',');
  out.push_back('"');
  out.append(name);
  out.append("\":");
}

void AppendHex64(std::string& out, uint64_t value) {
  std::array<char, 16> digits{};
  for (size_t i = digits.size(); i > 0; --i, value >>= 4U) digits[i - 1] = kHexDigits[value & 0xFU];
  out.append(digits.data(), digits.size());
}

}  // namespace broker
