#include "eventlog/line.h"

#include <xxhash.h>

#include <charconv>

#include "eventlog/format.h"
#include "eventlog/json_text.h"

namespace broker {
namespace {

bool IsLowerHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
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
