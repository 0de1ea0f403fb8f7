#include "sdk/check/platform/exported_symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include <cerrno>
#include <memory>

#include "platform/linux/os_error.h"
#include "platform/linux/unique_fd.h"

namespace broker::check {
namespace {

struct ElfEnd {
  void operator()(Elf* elf) const noexcept { ::elf_end(elf); }
};

Status NoLibrary() {
  return {StatusCode::kInvalid,
          std::string("is not a shared library that can be read: ") + ::elf_errmsg(-1)};
}

bool IsExported(const GElf_Sym& symbol) {
  const auto binding = GELF_ST_BIND(symbol.st_info);
  const auto visibility = GELF_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && binding != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

void Collect(Elf* elf, Elf_Scn* section, const GElf_Shdr& header,
             std::vector<ExportedSymbol>& out) {
  Elf_Data* const data = ::elf_getdata(section, nullptr);
  const size_t count = header.sh_entsize == 0 ? 0 : header.sh_size / header.sh_entsize;
  for (size_t i = 0; data != nullptr && i < count; ++i) {
    GElf_Sym symbol;
    if (::gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) return;
    const char* const name = ::elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name == nullptr || !IsExported(symbol)) continue;
    out.push_back({name, GELF_ST_TYPE(symbol.st_info) == STT_OBJECT});
  }
}

}  // namespace

Result<std::vector<ExportedSymbol>> ReadExportedSymbols(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return OsError("cannot open", path, errno);
  if (::elf_version(EV_CURRENT) == EV_NONE) return NoLibrary();
  const std::unique_ptr<Elf, ElfEnd> elf(::elf_begin(file.get(), ELF_C_READ, nullptr));
  if (elf == nullptr || ::elf_kind(elf.get()) != ELF_K_ELF) return NoLibrary();
  std::vector<ExportedSymbol> symbols;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf.get(), section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) == nullptr) return NoLibrary();
    if (header.sh_type == SHT_DYNSYM) Collect(elf.get(), section, header, symbols);
  }
  return symbols;
}

}  // namespace broker::check
