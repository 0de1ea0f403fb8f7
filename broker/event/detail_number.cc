#include "event/detail_number.h"

#include <charconv>
#include <string>

namespace broker {

int64_t NumberIn(const Event& event, std::string_view key) {
  const std::string* const text = event.Detail(key);
  int64_t number = 0;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace broker
