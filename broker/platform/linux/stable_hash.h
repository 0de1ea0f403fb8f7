#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace broker {

/// The hash of some texts that names of units are made of: what one version has named another one
/// finds. xxHash's streaming interface does not promise that. A value. Source: FNV-1a, 64 bits.
class StableHash {
 public:
  /// Texts count apart: "a" and "b" are not "ab".
  StableHash& Add(std::string_view text) {
    for (const char c : text) AddByte(static_cast<unsigned char>(c));
    AddByte(0);
    return *this;
  }
  [[nodiscard]] uint64_t Value() const { return state_; }
  /// 16 digits.
  [[nodiscard]] std::string Hex() const {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(state_));
    return text.data();
  }

 private:
  void AddByte(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3U; }

  uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace broker
