#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "event/event.h"
#include "eventlog/json_pen.h"

namespace broker {

/// The sessions that were encoded of late, as they stand in a line. Of most events the session
/// before was written a moment ago, and so were all texts of the session after.
///
/// Not thread-safe. Keeps the texts of a few sessions alive.
class EncodedSessions {
 public:
  struct Entry {
    PackedTexts texts;
    SessionStatus status;
    std::string object;      ///< The JSON of both; empty: there is none yet.
    size_t texts_bytes = 0;  ///< How much of that its texts are; they come first.
    size_t times_bytes = 0;  ///< And its times, which come last.
  };

  /// Where a session with these texts is, or may be put over another one.
  [[nodiscard]] Entry& At(const PackedTexts& texts);

 private:
  std::array<Entry, 256> entries_;
};

/// Encodes the lines of events. Not thread-safe.
class EventEncoder {
 public:
  /// Writes the event's line, as EncodeEvent does.
  void Encode(JsonPen& pen, const Event& event);

 private:
  EncodedSessions sessions_;
};

}  // namespace broker
