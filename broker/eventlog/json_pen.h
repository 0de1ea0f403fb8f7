#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace broker {

/// Writes JSON behind the end of a string, at the speed of the log: it makes room in large steps
/// and copies what needs no escape. The string has its right length again when the pen is gone, and
/// must not be touched before.
///
/// Not thread-safe.
class JsonPen {
 public:
  explicit JsonPen(std::string& out) : out_(out), start_(out.size()), size_(start_) {}
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
  void Name(std::string_view name);

  /// A string as AppendJsonString writes it.
  void String(std::string_view text, size_t limit);

  template <std::integral Integer>
  void Number(Integer value) {
    char* const at = Room(kMostDigits);
    size_ += static_cast<size_t>(std::to_chars(at, at + kMostDigits, value).ptr - at);
  }

  /// The time in quotes, as FormatUtc.
  void Utc(int64_t realtime_us);

  /// What was written last.
  [[nodiscard]] char Last() const { return out_[size_ - 1]; }
  /// All that this pen has written. Valid until it writes on.
  [[nodiscard]] std::string_view Written() const {
    return std::string_view(out_).substr(start_, size_ - start_);
  }
  /// Takes back all but the first `length` bytes that this pen has written.
  void CutTo(size_t length) { size_ = start_ + length; }

 private:
  static constexpr size_t kMostDigits = 24;
  static constexpr size_t kStep = 2048;

  /// Where the next `bytes` go.
  char* Room(size_t bytes) {
    if (out_.size() - size_ < bytes) Grow(bytes);
    return out_.data() + size_;
  }
  void Grow(size_t bytes);

  std::string& out_;
  const size_t start_;
  size_t size_;  ///< Of what is written; the string is longer.
};

}  // namespace broker
