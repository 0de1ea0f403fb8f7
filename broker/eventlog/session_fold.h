#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventlog/line.h"
#include "session/session_table.h"

namespace broker {

/// The sessions at the end of a segment, from its header and its lines. To decode a line takes far
/// longer than to read it, and what a later one says of the same session makes it pointless: so of
/// each session only the last ones are decoded, once all are there.
///
/// Not thread-safe. Keeps a copy of a line or two of each session.
class SessionFold {
 public:
  /// Starts over from a header's snapshot.
  void Restore(const SessionSnapshot& snapshot) { table_.Restore(snapshot); }

  /// Takes the line of an event that says how a session is. False: it does not, or may not, and is
  /// to be decoded.
  bool Take(std::string_view line, const LineHead& head);

  /// Takes an event that had to be decoded. `line` is its own.
  void Take(std::string_view line, const Event& event);

  /// The sessions and seats as all lines leave them. `damaged` is raised by those that cannot be
  /// decoded. To be called last.
  [[nodiscard]] SessionSnapshot Finish(uint64_t& damaged);

 private:
  struct Kept {
    Seq seq = 0;
    std::string line;
  };

  SessionTable table_;
  /// Of each session, by its id as it stands in the line: what says how it is, and its ends behind.
  std::unordered_map<std::string, std::vector<Kept>> last_;
  std::vector<Kept> unusual_;  ///< Of any session; never pointless.
};

}  // namespace broker
