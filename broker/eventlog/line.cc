#include "eventlog/line.h"

#include <charconv>
#include <cstring>

#include USHER_XXHASH

#include "eventlog/format.h"
#include "eventlog/json_text.h"

namespace broker {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLowerHex(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f');
}

/// The sum that stands in the last kSumBytes of a line.
std::optional<uint64_t> ParseSum(std::string_view member) {
  if (!member.starts_with(kSumOpening) || !member.ends_with(kSumClosing)) return std::nullopt;
  uint64_t sum = 0;
  for (const char c : member.substr(kSumOpening.size(), kSumDigits)) {
    if (!IsLowerHex(c)) return std::nullopt;
    sum = (sum << 4U) | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return sum;
}

/// Takes a piece off the front of a line.
class LineFront {
 public:
  explicit LineFront(std::string_view line) : rest_(line) {}

  /// A literal's size is known when this is compiled: no call compares it.
  template <size_t N>
  bool Skip(const char (&text)[N]) {
    constexpr size_t kLength = N - 1;
    if (rest_.size() < kLength || std::memcmp(rest_.data(), text, kLength) != 0) return false;
    rest_.remove_prefix(kLength);
    return true;
  }

  bool Number(Seq& number) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return error == std::errc();
  }

  void SkipInteger() {
    size_t length = 0;
    while (length < rest_.size() && (IsDigit(rest_[length]) || rest_[length] == '-')) ++length;
    rest_.remove_prefix(length);
  }

  /// A text of this length, and the quote behind it.
  bool Text(size_t length, std::string_view& text) {
    if (rest_.size() <= length || rest_[length] != '"') return false;
    text = rest_.substr(0, length);
    rest_.remove_prefix(length + 1);
    return text.find('\\') == std::string_view::npos;
  }

  /// A text up to the next quote.
  bool Text(std::string_view& text) {
    const size_t end = rest_.find('"');
    return end != std::string_view::npos && Text(end, text);
  }

 private:
  std::string_view rest_;
};

constexpr size_t kTimeLength = std::string_view("2026-05-04T08:00:12.123456Z").size();

}  // namespace

uint64_t LineSum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

void AppendSum(std::string& out, size_t line_start) {
  const uint64_t sum = LineSum(std::string_view(out).substr(line_start));
  out.append(kSumOpening);
  AppendHex64(out, sum);
  out.append(kSumClosing);
}

bool HasValidSum(std::string_view line) {
  if (line.size() <= kSumBytes) return false;
  const size_t end = line.size() - kSumBytes;
  return ParseSum(line.substr(end)) == LineSum(line.substr(0, end));
}

std::optional<LineHead> PeekHead(std::string_view line) {
  LineFront front(line);
  LineHead head;
  if (!front.Skip("{\"seq\":") || !front.Number(head.seq) || head.seq == 0) return std::nullopt;
  if (!front.Skip(",\"time\":\"") || !front.Text(kTimeLength, head.time)) return std::nullopt;
  if (front.Skip(",\"mono\":")) front.SkipInteger();
  if (!front.Skip(",\"type\":\"") || !front.Text(head.type)) return std::nullopt;
  return head;
}

std::optional<Seq> PeekSeq(std::string_view line) {
  if (!line.starts_with(kSeqOpening)) return std::nullopt;
  line.remove_prefix(kSeqOpening.size());
  Seq seq = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), seq);
  if (error != std::errc() || seq == 0) return std::nullopt;
  if (end == line.data() + line.size() || *end != ',') return std::nullopt;
  return seq;
}

}  // namespace broker
