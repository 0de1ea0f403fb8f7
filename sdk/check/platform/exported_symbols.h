#pragma once

#include <string>
#include <vector>

#include "event/status.h"

// Implemented once per system in platform/*/exported_symbols.cc.

namespace broker::check {

/// A name that a library defines for others.
struct ExportedSymbol {
  std::string name;
  bool data = false;  ///< An object; otherwise code, as a rule.
};

/// What the shared library at `path` exports. The file may be anything and none of it is run.
/// Linux: the defined symbols of .dynsym that are global, weak or unique, and visible; elf(5).
[[nodiscard]] Result<std::vector<ExportedSymbol>> ReadExportedSymbols(const std::string& path);

}  // namespace broker::check
