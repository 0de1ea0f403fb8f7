#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "event/utc.h"

namespace broker {

/// Writes JSON behind the end of a string, at the speed of the log: it makes room in large steps
/// and copies what needs no escape. The string has its right length again when the pen is gone, and
/// must not be touched before.
///
/// Not thread-safe.
class JsonPen {
 public:
  explicit JsonPen(std::string& out) : JsonPen(out, out.size()) {}
  /// Writes behind the first `keep` characters instead, over what is there.
  JsonPen(std::string& out, size_t keep) : out_(out), size_(keep) {}
  ~JsonPen() { out_.resize(size_); }
  JsonPen(const JsonPen&) = delete;
  JsonPen& operator=(const JsonPen&) = delete;

  void Raw(std::string_view text) {
    std::memcpy(Room(text.size()), text.data(), text.size());
    size_ += text.size();
  }

  void Raw(char c) {
    *Room(1) = c;
    ++size_;
  }

  /// `"name":`, after a comma unless it is the first member of its object. `name` is a plain
  /// literal.
  void Name(std::string_view name) {
    const bool first = Last() == '{';
    char* at = Room(name.size() + 4);
    if (!first) *at++ = ',';
    *at++ = '"';
    std::memcpy(at, name.data(), name.size());
    at += name.size();
    *at++ = '"';
    *at++ = ':';
    size_ = static_cast<size_t>(at - out_.data());
  }

  /// A text in quotes that needs no escapes.
  void Word(std::string_view text) {
    char* const at = Room(text.size() + 2);
    at[0] = '"';
    std::memcpy(at + 1, text.data(), text.size());
    at[text.size() + 1] = '"';
    size_ += text.size() + 2;
  }

  /// A string as AppendJsonString writes it.
  void String(std::string_view text, size_t limit);

  template <std::integral Integer>
  void Number(Integer value) {
    char* const at = Room(kMostDigits);
    size_ += static_cast<size_t>(std::to_chars(at, at + kMostDigits, value).ptr - at);
  }

  /// 16 lower-case hexadecimal digits.
  void Hex64(uint64_t value);

  /// The time in quotes, as FormatUtc.
  void Utc(int64_t realtime_us);

  /// What was written last.
  [[nodiscard]] char Last() const { return out_[size_ - 1]; }
  /// How long the string is now.
  [[nodiscard]] size_t Size() const { return size_; }
  /// What was written since the string had this size. Valid until the pen writes on.
  [[nodiscard]] std::string_view Since(size_t size) const {
    return std::string_view(out_).substr(size, size_ - size);
  }
  /// Takes back what was written since then.
  void CutTo(size_t size) { size_ = size; }

 private:
  static constexpr size_t kMostDigits = 24;
  static constexpr size_t kStep = 2048;
  static constexpr int64_t kNoSecond = std::numeric_limits<int64_t>::min();

  /// Where the next `bytes` go.
  char* Room(size_t bytes) {
    if (out_.size() - size_ < bytes) Grow(bytes);
    return out_.data() + size_;
  }
  void Grow(size_t bytes);

  std::string& out_;
  size_t size_;                         ///< Of what is written; the string is longer.
  int64_t second_ = kNoSecond;          ///< The last time's…
  std::array<char, kUtcLength> utc_{};  ///< …as it was written.
};

}  // namespace broker
