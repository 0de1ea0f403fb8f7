#include "usherctl/style.h"

#include "event/text.h"
#include "event/utc.h"

namespace broker {
namespace {

constexpr std::string_view kReset = "\x1b[0m";

std::string_view CodeOf(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kAlarm:
      return "\x1b[31m";
    case Style::kPlain:
      break;
  }
  return {};
}

bool BeginsCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// The bytes that the first `columns` characters of UTF-8 take.
size_t BytesOf(std::string_view text, size_t columns) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (BeginsCharacter(text[at]) && columns-- == 0) break;
  }
  return at;
}

}  // namespace

std::string Styled(std::string_view text, Style style, bool colour) {
  if (!colour || style == Style::kPlain || text.empty()) return std::string(text);
  return std::string(CodeOf(style)).append(text).append(kReset);
}

std::string Shown(std::string_view text, size_t columns) {
  std::string safe = EscapeForTerminal(text);
  if (Columns(safe) <= columns) return safe;
  safe.resize(BytesOf(safe, columns - 1));
  return safe + "…";
}

std::string Padded(std::string text, size_t columns) {
  const size_t width = Columns(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

std::string ShownTime(int64_t realtime_us) {
  if (realtime_us == 0) return "-";
  std::string time =
      FormatUtc(realtime_us).substr(0, std::string_view("2026-05-04T08:00:12").size());
  time[10] = ' ';
  return time;
}

}  // namespace broker
