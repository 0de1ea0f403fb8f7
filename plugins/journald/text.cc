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

struct Range {
  uint32_t first = 0;
  uint32_t last = 0;
};

/// Control characters, and what is invisible, turns or breaks a line, or looks like a space: a name
/// with one would read like two words, or like another name.
/// Source: Unicode, general categories Cc, Zl, Zp, Zs but for the space itself, the property
/// Default_Ignorable_Code_Point, and the interlinear annotations.
constexpr std::array<Range, 21> kHarmful{{
    {0x00, 0x1F},       {0x7F, 0xA0},     {0xAD, 0xAD},     {0x034F, 0x034F},   {0x061C, 0x061C},
    {0x115F, 0x1160},   {0x1680, 0x1680}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x2000, 0x200F},
    {0x2028, 0x202F},   {0x205F, 0x206F}, {0x3000, 0x3000}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
}};

bool IsHarmful(uint32_t code) {
  return std::any_of(kHarmful.begin(), kHarmful.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

std::string Escape(uint32_t code) {
  std::array<char, 16> text{};
  const char* const form = code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x";
  std::snprintf(text.data(), text.size(), form, code);
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
  std::string plain = Readable(text);
  if (plain.find_first_of(" \"") == std::string::npos) return plain;
  std::string inner;
  for (const char character : text) {
    if (character == '"' || character == '\\') inner += '\\';
    inner += character;
  }
  return "\"" + Readable(inner) + "\"";
}

}  // namespace journald
