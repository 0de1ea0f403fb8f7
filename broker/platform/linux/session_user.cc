#include "platform/linux/session_user.h"

#include <charconv>
#include <string_view>
#include <system_error>

namespace broker {

std::optional<uid_t> UserNumberOf(const Session& session) {
  const std::string_view text = session.UserId();
  const char* const end = text.data() + text.size();
  uid_t number = 0;
  const auto [read_to, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || read_to != end) return std::nullopt;
  return number;
}

}  // namespace broker
