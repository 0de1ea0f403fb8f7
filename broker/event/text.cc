#include "event/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace broker {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

/// The next character of a text: a code point, or one byte that belongs to none.
struct Character {
  char32_t value = 0;
  size_t size = 1;
  bool valid = false;
};

uint8_t ByteAt(std::string_view text, size_t at) {
  return static_cast<uint8_t>(text[at]);
}

/// How many bytes a character with this first byte has; 0 = none begins so (RFC 3629, section 4).
size_t LengthByLead(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

bool IsShortest(char32_t value, size_t size) {
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return value >= kLeast[size];
}

bool IsScalar(char32_t value) {
  return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

/// The character at the start of `text`, which is not empty.
Character Decode(std::string_view text) {
  const uint8_t lead = ByteAt(text, 0);
  const size_t size = LengthByLead(lead);
  if (size == 1) return {lead, 1, true};
  if (size == 0 || size > text.size()) return {lead, 1, false};
  char32_t value = lead & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    const uint8_t byte = ByteAt(text, i);
    if ((byte & 0xC0U) != 0x80) return {lead, 1, false};
    value = (value << 6U) | (byte & 0x3FU);
  }
  if (!IsShortest(value, size) || !IsScalar(value)) return {lead, 1, false};
  return {value, size, true};
}

void AppendHex(std::string& out, char32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out.push_back(kHexDigits[(value >> static_cast<unsigned>(shift)) & 0xFU]);
  }
}

std::string ByteEscape(char32_t byte) {
  std::string out = "\\x";
  AppendHex(out, byte, 2);
  return out;
}

std::string CodePointEscape(char32_t value) {
  std::string out = "\\u";
  AppendHex(out, value, 4);
  return out;
}

bool IsBidiControl(char32_t value) {
  return value == 0x061C || value == 0x200E || value == 0x200F ||
         (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
}

bool IsLineSeparator(char32_t value) {
  return value == 0x2028 || value == 0x2029;
}

bool IsC1(char32_t value) {
  return value >= 0x80 && value <= 0x9F;
}

/// What stands for `character` on a terminal; empty if it may stand for itself.
std::string TerminalEscape(const Character& character) {
  if (!character.valid) return ByteEscape(character.value);
  switch (character.value) {
    case U'\n':
      return "\\n";
    case U'\t':
      return "\\t";
    default:
      break;
  }
  if (character.value < 0x20 || character.value == 0x7F) return ByteEscape(character.value);
  const bool hidden =
      IsC1(character.value) || IsBidiControl(character.value) || IsLineSeparator(character.value);
  return hidden ? CodePointEscape(character.value) : std::string();
}

/// The text after its first character.
std::string_view Rest(std::string_view text) {
  return text.substr(Decode(text).size);
}

/// Whether `pattern` begins with something, other than `*`, that takes the first character of
/// `text`.
bool TakesOne(std::string_view pattern, std::string_view text) {
  if (pattern.empty() || pattern.front() == '*') return false;
  if (pattern.front() == '?') return true;
  const size_t size = Decode(pattern).size;
  return pattern.substr(0, size) == text.substr(0, Decode(text).size);
}

}  // namespace

bool IsAscii(std::string_view text) {
  constexpr uint64_t kHighs = 0x8080808080808080U;
  while (text.size() >= sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if ((bytes & kHighs) != 0) return false;
    text.remove_prefix(sizeof bytes);
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ToUtf8(std::string_view text, size_t limit) {
  if (text.size() <= limit && IsAscii(text)) return std::string(text);
  std::string out;
  size_t cut = 0;  // The longest beginning of `out` that leaves room for the ellipsis.
  while (!text.empty()) {
    const Character character = Decode(text);
    const std::string escape = character.valid ? std::string() : ByteEscape(character.value);
    const std::string_view piece = character.valid ? text.substr(0, character.size) : escape;
    if (out.size() + piece.size() > limit) {
      out.resize(cut);
      return limit < kEllipsis.size() ? out : out.append(kEllipsis);
    }
    out.append(piece);
    if (out.size() + kEllipsis.size() <= limit) cut = out.size();
    text.remove_prefix(character.size);
  }
  return out;
}

size_t Utf8Prefix(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Character character = Decode(text.substr(at));
    if (!character.valid) return at;
    at += character.size;
  }
  return at;
}

bool IsUtf8(std::string_view text) {
  return Utf8Prefix(text) == text.size();
}

std::string EscapeForTerminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = Decode(text);
    const std::string escape = TerminalEscape(character);
    out.append(escape.empty() ? text.substr(0, character.size) : std::string_view(escape));
    text.remove_prefix(character.size);
  }
  return out;
}

size_t Columns(std::string_view text) {
  size_t columns = 0;
  for (; !text.empty(); text = Rest(text)) ++columns;
  return columns;
}

// Only the last `*` is ever widened: what an earlier one could take, the last can take as well.
// That bounds the work to the product of both lengths.
bool MatchesGlob(std::string_view pattern, std::string_view text) {
  std::string_view after_star;
  std::string_view retry;
  bool starred = false;
  while (!text.empty()) {
    if (TakesOne(pattern, text)) {
      pattern = Rest(pattern);
      text = Rest(text);
    } else if (!pattern.empty() && pattern.front() == '*') {
      starred = true;
      after_star = pattern = pattern.substr(1);
      retry = text;
    } else if (starred) {
      pattern = after_star;
      text = retry = Rest(retry);
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin(), pattern.end(), [](char c) { return c == '*'; });
}

}  // namespace broker
