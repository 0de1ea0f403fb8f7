#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace broker {

/// Ten texts in one piece of memory, which all copies share. They never change; only a whole row is
/// assigned. As strings of their own they would take three times the memory, and a copy of them ten
/// times as long.
class PackedTexts {
 public:
  static constexpr size_t kCount = 10;
  using Row = std::array<std::string_view, kCount>;

  /// All empty.
  PackedTexts() = default;
  explicit PackedTexts(const Row& row);

  /// A NUL follows. Valid as long as this, or a copy of it, is.
  [[nodiscard]] std::string_view operator[](size_t index) const {
    if (!block_) return "";
    const uint32_t begin = Begin(index);
    return {block_.get() + begin, Begin(index + 1) - begin - 1};
  }

  friend bool operator==(const PackedTexts& one, const PackedTexts& other) {
    return one.block_ == other.block_ || one.EqualsFrom(0, other);
  }
  /// Whether the texts from index `first` on are the same.
  [[nodiscard]] bool EqualsFrom(size_t first, const PackedTexts& other) const;

  /// Whether this is a copy of `other`, or the other way round: quickly told.
  [[nodiscard]] bool Shares(const PackedTexts& other) const { return block_ == other.block_; }
  /// The same for all copies, and for nothing else as long as one of them lives.
  [[nodiscard]] const void* Identity() const { return block_.get(); }

 private:
  /// Where a text begins in the block; that behind the last one is where the block ends.
  [[nodiscard]] uint32_t Begin(size_t index) const {
    uint32_t begin = 0;
    std::memcpy(&begin, block_.get() + index * sizeof begin, sizeof begin);
    return begin;
  }

  std::shared_ptr<const char[]>
      block_;  ///< kCount + 1 beginnings, then the texts; null: all empty.
};

}  // namespace broker
