#include "eventlog/gaps.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace broker {
namespace {

/// Each of `gaps` without the numbers of `part`.
std::vector<Gap> Without(const std::vector<Gap>& gaps, const Gap& part) {
  std::vector<Gap> left;
  for (const Gap& gap : gaps) {
    if (gap.from < part.from)
      left.push_back({gap.from, std::min(gap.to, part.from - 1), gap.reason});
    if (gap.to > part.to) left.push_back({std::max(gap.from, part.to + 1), gap.to, gap.reason});
  }
  return left;
}

}  // namespace

uint64_t Gaps::GiveUp(Seq from, Seq to, const char* reason) {
  last_ = std::max(last_, to);
  Reopen(from, to);
  uint64_t count = 0;
  for (const Gap& gap : NotMissing({from, to, reason})) {
    count += gap.to - gap.from + 1;
    open_.push_back(gap);
  }
  Merge();
  return count;
}

void Gaps::Reopen(Seq from, Seq to) {
  const auto kept = std::stable_partition(
      recorded_.begin(), recorded_.end(),
      [&](const Recorded& recorded) { return recorded.by < from || recorded.by > to; });
  for (auto lost = kept; lost != recorded_.end(); ++lost) open_.push_back(lost->gap);
  recorded_.erase(kept, recorded_.end());
}

std::vector<Gap> Gaps::NotMissing(const Gap& gap) const {
  std::vector<Gap> left{gap};
  for (const Gap& missing : open_) left = Without(left, missing);
  for (const Recorded& recorded : recorded_) left = Without(left, recorded.gap);
  return left;
}

/// Puts them in order, and makes one of those that follow each other for the same reason.
void Gaps::Merge() {
  std::sort(open_.begin(), open_.end(),
            [](const Gap& left, const Gap& right) { return left.from < right.from; });
  std::vector<Gap> merged;
  for (const Gap& gap : open_) {
    const bool joins = !merged.empty() && merged.back().to + 1 == gap.from &&
                       std::string_view(merged.back().reason) == gap.reason;
    if (joins) merged.back().to = gap.to;
    if (!joins) merged.push_back(gap);
  }
  open_ = std::move(merged);
}

std::vector<Gap> Gaps::Record(Seq first) {
  for (const Gap& gap : open_) recorded_.push_back({first++, gap});
  return std::exchange(open_, {});
}

void Gaps::Settle(Seq through) {
  std::erase_if(recorded_, [through](const Recorded& recorded) { return recorded.by <= through; });
}

}  // namespace broker
