#include "plugin_host/plugin_text.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "event/text.h"

namespace broker {
namespace {

constexpr size_t kTextOffset = offsetof(usher_error, text);
// Every byte that is not UTF-8 becomes four: nothing that fits the buffer is cut.
constexpr size_t kMaxErrorBytes = 4 * static_cast<size_t>(USHER_ERROR_TEXT_SIZE);

bool ContinuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The largest part of `text` of at most `limit` bytes that ends at a character's end.
std::string_view CutAtCharacter(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && ContinuesCharacter(text[limit])) --limit;
  return text.substr(0, limit);
}

}  // namespace

std::optional<std::string_view> BoundedText(const char* text, size_t limit) {
  if (text == nullptr) return std::nullopt;
  for (size_t size = 0; size <= limit; ++size) {
    if (text[size] == '\0') return std::string_view(text, size);
  }
  return std::nullopt;
}

std::string CutText(const char* text, size_t limit) {
  if (text == nullptr) return {};
  size_t size = 0;
  while (size <= limit && text[size] != '\0') ++size;
  return ToUtf8({text, size}, limit);
}

std::string TextOf(const usher_error& error) {
  const char* const end = std::find(std::begin(error.text), std::end(error.text), '\0');
  return ToUtf8({error.text, static_cast<size_t>(end - error.text)}, kMaxErrorBytes);
}

void WriteError(usher_error* error, std::string_view text) noexcept {
  if (error == nullptr || error->size <= kTextOffset) return;
  const size_t room = std::min<size_t>(error->size - kTextOffset, USHER_ERROR_TEXT_SIZE);
  const std::string_view fitting = CutAtCharacter(text, room - 1);
  std::memcpy(error->text, fitting.data(), fitting.size());
  error->text[fitting.size()] = '\0';
}

std::string StatusText(usher_status status) {
  static constexpr const char* kNames[] = {
      "OK",        "ERROR", "INVALID_ARGUMENT", "NOT_FOUND", "NOT_PERMITTED", "WRONG_TYPE",
      "TOO_SMALL", "LIMIT", "STOPPED",          "IO"};
  if (status == USHER_PENDING) return "USHER_PENDING (1)";
  if (status == USHER_RETRY) return "USHER_RETRY (2)";
  const int64_t index = -static_cast<int64_t>(status);
  if (index < 0 || index >= static_cast<int64_t>(std::size(kNames))) return std::to_string(status);
  return std::string("USHER_") + kNames[index] + " (" + std::to_string(status) + ")";
}

}  // namespace broker
