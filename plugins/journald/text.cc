#include "text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace journald {
namespace {

constexpr size_t kMostBytes = 512;
constexpr std::string_view kEllipsis = "…";

/// The first character of a text.
struct Character {
  uint32_t code = 0;
  size_t size = 1;  ///< In bytes.
};

/// How many bytes follow the first one. Source: RFC 3629.
size_t Following(unsigned char first) {
  if (first < 0xC0) return 0;
  if (first < 0xE0) return 1;
  return first < 0xF0 ? 2 : 3;
}

/// `text` must not be empty; UTF-8 that ends too early is read as far as it goes.
Character Decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t following = std::min(Following(first), text.size() - 1);
  Character character{following == 0 ? first : first & (0x3FU >> following), following + 1};
  for (size_t i = 1; i <= following; ++i) {
    character.code = (character.code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return character;
}

bool IsWithin(uint32_t code, uint32_t first, uint32_t last) {
  return code >= first && code <= last;
}

/// What looks like a space and is none: a name with one would read like two words.
/// Source: Unicode, general category Zs.
bool LooksLikeSpace(uint32_t code) {
  return code == 0x00A0 || code == 0x1680 || IsWithin(code, 0x2000, 0x200A) || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

/// Control characters of ASCII and of Latin 1, and what is invisible, breaks or turns a line.
/// Source: Unicode, general categories Cc, Cf, Zl, Zp.
bool IsHarmful(uint32_t code) {
  return code < 0x20 || LooksLikeSpace(code) || IsWithin(code, 0x7F, 0x9F) || code == 0x061C ||
         IsWithin(code, 0x200B, 0x200F) || IsWithin(code, 0x2028, 0x202E) ||
         IsWithin(code, 0x2060, 0x2069) || code == 0xFEFF;
}

std::string Escape(uint32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), code < 0x100 ? "\\x%02x" : "\\u%04x", code);
  return text.data();
}

}  // namespace

std::string Readable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character character = Decode(text);
    const std::string piece =
        IsHarmful(character.code) ? Escape(character.code) : std::string(text, 0, character.size);
    if (out.size() + piece.size() > kMostBytes) return out.append(kEllipsis);
    out += piece;
    text.remove_prefix(character.size);
  }
  return out;
}

std::string Word(std::string_view text) {
  std::string word;
  for (const char character : Readable(text)) {
    if (character == '"') word += '\\';
    word += character;
  }
  const bool plain = word.find_first_of(" \"") == std::string::npos;
  return plain ? word : "\"" + word + "\"";
}

}  // namespace journald
