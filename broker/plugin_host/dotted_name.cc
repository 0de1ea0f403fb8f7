#include "plugin_host/dotted_name.h"

namespace broker {
namespace {

bool IsLabelCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

bool IsDotted(std::string_view text, size_t least) {
  size_t labels = 1;
  bool begun = false;
  for (const char c : text) {
    if (c == '.' && !begun) return false;
    if (c != '.' && !IsLabelCharacter(c)) return false;
    begun = c != '.';
    if (c == '.') ++labels;
  }
  return begun && labels >= least;
}

}  // namespace broker
