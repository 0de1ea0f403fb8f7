#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

/// Cuts a stream of bytes into lines. Not thread-safe.
class LineSplitter {
 public:
  /// `limit` is the most bytes a line may have, its newline included.
  explicit LineSplitter(size_t limit) : limit_(limit) {}

  void Append(std::string_view bytes);

  /// The next complete line without its newline; nullopt when there is none yet.
  std::optional<std::string> Next();

  /// Whether what comes next is longer than the limit: no line will ever come of it.
  [[nodiscard]] bool TooLong() const;

  /// Whether bytes wait for the rest of their line.
  [[nodiscard]] bool Partial() const { return start_ < bytes_.size(); }

 private:
  const size_t limit_;
  std::string bytes_;
  size_t start_ = 0;     // Of the next line.
  size_t searched_ = 0;  // No newline between start_ and here.
};

}  // namespace broker
