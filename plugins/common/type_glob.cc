#include "type_glob.h"

namespace plugins {

// Only the last `*` is ever widened: what an earlier one could take, the last can take as well.
bool MatchesGlob(std::string_view pattern, std::string_view text) {
  constexpr size_t kNone = std::string_view::npos;
  size_t at = 0;
  size_t star = kNone;
  size_t taken = 0;  // Where the text goes on behind what the last star took.
  for (size_t i = 0; i < text.size();) {
    const char wanted = at < pattern.size() ? pattern[at] : '\0';
    if (wanted == '*') {
      star = at++;
      taken = i;
    } else if (at < pattern.size() && (wanted == '?' || wanted == text[i])) {
      ++at;
      ++i;
    } else if (star != kNone) {
      at = star + 1;
      i = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == kNone;
}

}  // namespace plugins
