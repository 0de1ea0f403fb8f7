#include "plugin_host/library_code.h"

#include <dlfcn.h>
#include <link.h>

#include <bit>
#include <set>
#include <string>
#include <string_view>

namespace broker {
namespace {

/// A library, or the program, as the loader has mapped it.
struct Mapped {
  CodeRange all;  ///< From its first byte to its last.
  CodeRange code;
  const ElfW(Dyn) * dynamic = nullptr;
  std::set<std::string> names;  ///< Those by which others may need it.
  std::set<std::string> needed;
  bool stays = false;  ///< It asks never to be unloaded.
};

std::string FileName(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

void ReadSegments(const dl_phdr_info& info, Mapped& library) {
  for (size_t i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[i];
    const uintptr_t begin = info.dlpi_addr + segment.p_vaddr;
    const uintptr_t end = begin + segment.p_memsz;
    if (segment.p_type == PT_DYNAMIC) library.dynamic = std::bit_cast<const ElfW(Dyn)*>(begin);
    if (segment.p_type != PT_LOAD) continue;  // Those come by their addresses.
    if (library.all.end == 0) library.all.begin = begin;
    library.all.end = end;
    if ((segment.p_flags & PF_X) != 0) library.code = {begin, end};
  }
}

/// The loader has made an address of it where it could write there.
const char* StringsOf(const ElfW(Dyn) * entry, uintptr_t base) {
  for (; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag != DT_STRTAB) continue;
    const uintptr_t address = entry->d_un.d_ptr;
    return std::bit_cast<const char*>(address < base ? address + base : address);
  }
  return nullptr;
}

void ReadDynamic(const dl_phdr_info& info, Mapped& library) {
  if (library.dynamic == nullptr) return;
  const char* const strings = StringsOf(library.dynamic, info.dlpi_addr);
  if (strings == nullptr) return;
  for (const ElfW(Dyn)* entry = library.dynamic; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_SONAME) library.names.insert(FileName(strings + entry->d_un.d_val));
    if (entry->d_tag == DT_NEEDED) library.needed.insert(FileName(strings + entry->d_un.d_val));
    if (entry->d_tag == DT_FLAGS_1) library.stays = (entry->d_un.d_val & DF_1_NODELETE) != 0;
  }
}

int TakeIn(dl_phdr_info* info, size_t /*size*/, void* data) {
  Mapped library;
  library.names.insert(FileName(info->dlpi_name));
  ReadSegments(*info, library);
  ReadDynamic(*info, library);
  static_cast<std::vector<Mapped>*>(data)->push_back(std::move(library));
  return 0;
}

std::vector<Mapped> AllMapped() {
  std::vector<Mapped> libraries;
  ::dl_iterate_phdr(TakeIn, &libraries);
  return libraries;
}

using Libraries = std::set<const Mapped*>;

/// Adds `library` and all that it needs.
void AddClosure(const std::vector<Mapped>& all, const Mapped& library, Libraries& closure) {
  if (!closure.insert(&library).second) return;
  for (const Mapped& other : all) {
    for (const std::string& name : other.names) {
      if (library.needed.contains(name)) AddClosure(all, other, closure);
    }
  }
}

/// Of what `library` needs, what else needs it or stays.
Libraries NeededByOthers(const std::vector<Mapped>& all, const Libraries& own) {
  Libraries needed;
  for (const Mapped& each : all) {
    if (each.stays || !own.contains(&each)) AddClosure(all, each, needed);
  }
  return needed;
}

const Mapped* Find(const std::vector<Mapped>& all, void* handle) {
  const link_map* map = nullptr;
  if (::dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return nullptr;
  for (const Mapped& each : all) {
    if (each.dynamic == map->l_ld) return &each;
  }
  return nullptr;
}

}  // namespace

CodeRange CodeAround(uintptr_t address) {
  for (const Mapped& each : AllMapped()) {
    if (address >= each.all.begin && address < each.all.end) return each.code;
  }
  return {};
}

std::vector<CodeRange> CodeUnloadedWith(void* library) {
  const std::vector<Mapped> all = AllMapped();
  const Mapped* const itself = Find(all, library);
  if (itself == nullptr) return {};
  Libraries own;
  AddClosure(all, *itself, own);
  const Libraries kept = NeededByOthers(all, own);
  std::vector<CodeRange> code{itself->code};
  for (const Mapped* each : own) {
    if (each != itself && !kept.contains(each)) code.push_back(each->code);
  }
  return code;
}

}  // namespace broker
