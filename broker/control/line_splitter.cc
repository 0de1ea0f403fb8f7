#include "control/line_splitter.h"

#include <algorithm>

namespace broker {

void LineSplitter::Append(std::string_view bytes) {
  bytes_.erase(0, start_);
  searched_ -= start_;
  start_ = 0;
  bytes_.append(bytes);
}

std::optional<std::string> LineSplitter::Next() {
  const size_t newline = bytes_.find('\n', searched_);
  searched_ = std::min(newline, bytes_.size());
  if (newline == std::string::npos || newline - start_ >= limit_) return std::nullopt;
  std::string line = bytes_.substr(start_, newline - start_);
  start_ = searched_ = newline + 1;
  return line;
}

bool LineSplitter::TooLong() const {
  return searched_ - start_ >= limit_;
}

}  // namespace broker
