#pragma once

#include <cstdint>

#include "sdk/check/story.h"
#include "sdk/check/subject.h"

namespace broker::check {

/// Delivers the next `count` events of a story; throws a Finding as Subject::Deliver does.
inline void Play(Subject& subject, Story& story, uint64_t count, Arrival arrival = {}) {
  for (uint64_t i = 0; i < count; ++i) subject.Deliver(story.Next(), arrival);
}

/// Does what may fail, as it is made to: answers whether it did not.
template <class Body>
bool Tolerantly(Body&& body) {
  try {
    body();
    return true;
  } catch (const Finding&) {
    return false;
  }
}

/// "1,234,567".
inline std::string Grouped(uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

}  // namespace broker::check
