#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/status.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// A program's standard input, a file in memory with all that it may read, and its output, a pipe
/// of which the first bytes are kept and the rest is counted.
///
/// Not thread-safe.
class RunIo {
 public:
  static Result<RunIo> Open(std::string_view input, size_t output_limit);

  /// For the program. Owned by this until Launched.
  [[nodiscard]] int Input() const { return input_.get(); }
  [[nodiscard]] int OutputEnd() const { return output_end_.get(); }
  /// The program has its own copies of them.
  void Launched();

  /// To be polled; -1 once nobody can write any more.
  [[nodiscard]] int Output() const { return output_.get(); }
  /// Takes in what has been written; never waits.
  void Read();

  [[nodiscard]] std::string& Kept() { return kept_; }
  [[nodiscard]] uint64_t Dropped() const { return dropped_; }

 private:
  RunIo(UniqueFd input, UniqueFd output, UniqueFd output_end, size_t limit);

  UniqueFd input_;
  UniqueFd output_;
  UniqueFd output_end_;
  size_t limit_;
  std::string kept_;
  uint64_t dropped_ = 0;
};

}  // namespace broker
