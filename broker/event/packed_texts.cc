#include "event/packed_texts.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using Beginnings = std::array<uint32_t, PackedTexts::kCount + 1>;

Beginnings BeginningsOf(const PackedTexts::Row& row) {
  Beginnings beginnings{};
  auto end = static_cast<uint32_t>(sizeof beginnings);
  for (size_t i = 0; i < row.size(); ++i) {
    beginnings[i] = end;
    end += static_cast<uint32_t>(row[i].size()) + 1;
  }
  beginnings.back() = end;
  return beginnings;
}

}  // namespace

PackedTexts::PackedTexts(const Row& row) {
  if (std::ranges::all_of(row, &std::string_view::empty)) return;
  const Beginnings beginnings = BeginningsOf(row);
  std::shared_ptr<char[]> block = std::make_shared_for_overwrite<char[]>(beginnings.back());
  std::memcpy(block.get(), beginnings.data(), sizeof beginnings);
  for (size_t i = 0; i < row.size(); ++i) {
    char* const at = block.get() + beginnings[i];
    row[i].copy(at, row[i].size());
    at[row[i].size()] = '\0';
  }
  block_ = std::move(block);
}

bool PackedTexts::EqualsFrom(size_t first, const PackedTexts& other) const {
  if (Shares(other)) return true;
  for (size_t i = first; i < kCount; ++i) {
    if ((*this)[i] != other[i]) return false;
  }
  return true;
}

}  // namespace broker
