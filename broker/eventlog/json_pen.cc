#include "eventlog/json_pen.h"

#include <algorithm>

#include "event/utc.h"
#include "eventlog/json_text.h"

namespace broker {
namespace {

constexpr int64_t kMicroseconds = 1'000'000;  // In a second.
constexpr int64_t kYear9999 = 253'370'764'800'000'000;
constexpr size_t kFractionDigits = 6;

constexpr uint64_t kOnes = 0x0101010101010101U;
constexpr uint64_t kHighs = 0x8080808080808080U;

/// Whether one of eight bytes is `c`. Exact where no byte has its high bit set.
constexpr bool HasByte(uint64_t bytes, char c) {
  const uint64_t same = bytes ^ (kOnes * static_cast<unsigned char>(c));
  return ((same - kOnes) & ~same & kHighs) != 0;
}

/// Whether eight bytes are ASCII that stands in a JSON string as it is.
constexpr bool ArePlain(uint64_t bytes) {
  constexpr uint64_t kSpaces = kOnes * 0x20;
  const bool ascii = (bytes & kHighs) == 0;
  const bool printable = (((bytes | kHighs) - kSpaces) & kHighs) == kHighs;
  return ascii && printable && !HasByte(bytes, '"') && !HasByte(bytes, '\\');
}

bool IsPlain(std::string_view text) {
  while (text.size() >= sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (!ArePlain(bytes)) return false;
    text.remove_prefix(sizeof bytes);
  }
  uint64_t rest = kOnes * ' ';
  std::memcpy(&rest, text.data(), text.size());
  return ArePlain(rest);
}

}  // namespace

void JsonPen::Grow(size_t bytes) {
  out_.resize(
      std::max(size_ + bytes + kStep, std::min(out_.capacity(), size_ + bytes + 2 * kStep)));
}

void JsonPen::String(std::string_view text, size_t limit) {
  if (text.size() > limit || !IsPlain(text)) {
    std::string escaped;
    AppendJsonString(escaped, text, limit);
    Raw(escaped);
    return;
  }
  Word(text);
}

void JsonPen::Hex64(uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  char* at = Room(16);
  for (int shift = 60; shift >= 0; shift -= 4) {
    *at++ = kDigits[(value >> static_cast<unsigned>(shift)) & 0xFU];
  }
  size_ += 16;
}

/// In a storm many times are within a second: only their last digits differ.
void JsonPen::Utc(int64_t realtime_us) {
  const bool usual = realtime_us >= 0 && realtime_us < kYear9999;
  const int64_t second = usual ? realtime_us / kMicroseconds : kNoSecond;
  if (!usual || second != second_) {
    WriteUtc(realtime_us, utc_);
    second_ = second;
  } else {
    int64_t rest = realtime_us % kMicroseconds;
    for (size_t i = kUtcLength - 1; i-- > kUtcLength - 1 - kFractionDigits; rest /= 10) {
      utc_[i] = static_cast<char>('0' + rest % 10);
    }
  }
  Word({utc_.data(), utc_.size()});
}

}  // namespace broker
