#include "eventlog/holes.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace broker {
namespace {

std::optional<Seq> ParseSeq(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  Seq seq = 0;
  const char* const end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, seq);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return seq;
}

uint64_t Count(const std::vector<SeqRange>& ranges) {
  uint64_t count = 0;
  for (const SeqRange& range : ranges) count += range.to - range.from + 1;
  return count;
}

/// "event 5 is ", "events 5 to 7 are ".
std::string Those(const SeqRange& range) {
  if (range.from == range.to) return "event " + std::to_string(range.from) + " is ";
  return "events " + std::to_string(range.from) + " to " + std::to_string(range.to) + " are ";
}

/// `range` without `part`, which lies within it.
std::vector<SeqRange> Without(const SeqRange& range, const SeqRange& part) {
  std::vector<SeqRange> left;
  if (range.from < part.from) left.push_back({range.from, part.from - 1});
  if (range.to > part.to) left.push_back({part.to + 1, range.to});
  return left;
}

}  // namespace

std::string Missing(const SeqRange& range) {
  return Those(range) + "missing";
}

std::string NoLongerThere(const SeqRange& range) {
  return Those(range) + "no longer in the log";
}

std::optional<SeqRange> RangeOf(const Event& log_gap) {
  const auto from = ParseSeq(log_gap.Detail("from"));
  const auto to = ParseSeq(log_gap.Detail("to"));
  if (!from || !to || *from == 0 || *from > *to) return std::nullopt;
  return SeqRange{*from, *to};
}

void Holes::Add(const SeqRange& range, uint64_t damaged, LogDefect at) {
  holes_.insert_or_assign(range.from, Hole{{range}, damaged, std::move(at)});
}

bool Holes::Record(const SeqRange& range) {
  auto behind = holes_.upper_bound(range.from);
  if (behind == holes_.begin()) return false;
  std::vector<SeqRange>& left = std::prev(behind)->second.left;
  const auto around = std::find_if(left.begin(), left.end(), [&range](const SeqRange& missing) {
    return missing.from <= range.from && range.to <= missing.to;
  });
  if (around == left.end()) return false;
  const std::vector<SeqRange> rest = Without(*around, range);
  left.insert(left.erase(around), rest.begin(), rest.end());
  return true;
}

std::vector<LogDefect> Holes::Unrecorded() const {
  std::vector<LogDefect> defects;
  for (const auto& [first, hole] : holes_) {
    if (Count(hole.left) <= hole.damaged) continue;
    for (const SeqRange& range : hole.left) {
      defects.push_back({hole.at.file, hole.at.line, range.from, Missing(range)});
    }
  }
  return defects;
}

std::vector<SeqRange> Holes::UnrecordedRanges() const {
  std::vector<SeqRange> ranges;
  for (const auto& [first, hole] : holes_) {
    if (Count(hole.left) > hole.damaged) {
      ranges.insert(ranges.end(), hole.left.begin(), hole.left.end());
    }
  }
  return ranges;
}

std::vector<SeqRange> Holes::TakeUnrecordedBefore(Seq end) {
  Holes before;
  while (!holes_.empty() && holes_.begin()->first < end) {
    before.holes_.insert(holes_.extract(holes_.begin()));
  }
  return before.UnrecordedRanges();
}

}  // namespace broker
