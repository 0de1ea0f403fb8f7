#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "eventlog/stored_event.h"

namespace broker {

/// Numbered events as one piece of text, a line each: what one write appends. A value.
struct Block {
  std::optional<Event> gap;  ///< The log.gap that comes first, where numbers were given up.
  std::string text;
  std::vector<size_t> ends;  ///< Where in `text` each line ends, before its newline.
  Seq first = 0;
  Seq last = 0;
};

/// Numbers `events` from `next` on and encodes them. Where `next` is not the one behind `last`, the
/// numbers between are given up, and the block begins with the log.gap that says so.
[[nodiscard]] Block EncodeBlock(std::vector<Event>& events, Seq last, Seq next);

/// The events of a block, as stored. `boot_id` is the boot their monotonic times count in.
[[nodiscard]] Batch ToBatch(Block block, std::vector<Event> events, const std::string& boot_id);

/// Lines of a failed write that somebody may have read before they were taken back.
class SeenLines {
 public:
  /// Takes the whole lines among the first `bytes` of a block.
  void Remember(const Block& block, size_t bytes);

  /// Whether `block` gives one of the seen numbers to something else.
  [[nodiscard]] bool Contradict(const Block& block) const;

  /// The block is in the log now.
  void Confirm(const Block& block);

  /// The last number seen; 0 = none.
  [[nodiscard]] Seq Last() const { return last_; }
  void Clear();

 private:
  std::string text_;  // Begins with the number that is to be given next.
  Seq last_ = 0;
};

}  // namespace broker
