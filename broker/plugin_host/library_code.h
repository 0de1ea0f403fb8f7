#pragma once

#include <cstdint>
#include <vector>

namespace broker {

/// Where code lies.
struct CodeRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};

/// That of the library which this address belongs to; nothing where it is in none. Linux:
/// dl_iterate_phdr(3).
[[nodiscard]] CodeRange CodeAround(uintptr_t address);

/// What goes when a library is unloaded: its own code, first, and that of the libraries which came
/// with it and nothing else needs. `library` is the loader's handle, of dlopen(3) say. Thread-safe.
///
/// Implemented once per system in platform/*/library_code.cc. Linux: what libraries need is what
/// their dynamic sections say, elf(5).
[[nodiscard]] std::vector<CodeRange> CodeUnloadedWith(void* library);

}  // namespace broker
