#include "settings/suggest.h"

#include <algorithm>
#include <cstddef>

namespace broker {
namespace {

char Folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

std::string Folded(std::string_view word) {
  std::string out(word);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return Folded(c); });
  return out;
}

using Row = std::vector<size_t>;

/// One row of the table of distances: `a[i-1]` against all of `b`, from the two rows before it.
Row NextRow(std::string_view a, std::string_view b, size_t i, const Row& last, const Row& before) {
  Row row(b.size() + 1, i);
  for (size_t j = 1; j <= b.size(); ++j) {
    const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
    row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
    const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
    if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
  }
  return row;
}

/// Edits that lead from `a` to `b`: replace, insert, delete, or swap two neighbours (optimal string
/// alignment, a form of Damerau's distance).
size_t Distance(std::string_view a, std::string_view b) {
  Row before;
  Row last(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    Row row = NextRow(a, b, i, last, before);
    before = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

}  // namespace

std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& known) {
  std::optional<std::string> nearest;
  size_t least = 0;
  for (const std::string& candidate : known) {
    const size_t allowed = std::max<size_t>(candidate.size() / 3, 1);
    if (word.size() > candidate.size() + allowed) continue;
    const size_t distance = Distance(Folded(word), Folded(candidate));
    if (distance > allowed || distance >= candidate.size()) continue;
    if (nearest && distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

}  // namespace broker
