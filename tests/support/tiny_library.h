#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace broker::testing {

/// A shared library of nothing but headers, mapped at addresses that are not its offsets.
class TinyLibrary {
 public:
  static constexpr uint64_t kShift = 0x1000;

  TinyLibrary() {
    const Elf64_Ehdr real = OwnHeader();
    std::memcpy(header.e_ident, real.e_ident, sizeof header.e_ident);
    header.e_machine = real.e_machine;
    header.e_type = ET_DYN;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    header.e_phoff = sizeof header;
    load.p_type = PT_LOAD;
    load.p_vaddr = kShift;
    dynamic.p_type = PT_DYNAMIC;
    dynamic.p_vaddr = kShift + sizeof header + 2 * sizeof load;
    dynamic_at_ = dynamic.p_vaddr;
  }

  /// One whose text is `text`, too.
  void AddText(int64_t tag, const std::string& text) {
    Add(tag, strings.size());
    strings += text + '\0';
  }

  void Add(int64_t tag, uint64_t value) {
    Elf64_Dyn entry = {};
    entry.d_tag = tag;
    entry.d_un.d_val = value;
    entries.push_back(entry);
  }

  /// The image; the string table stands at the end.
  [[nodiscard]] std::string Build() {
    const uint64_t strings_at = dynamic_at_ + (entries.size() + 3) * sizeof(Elf64_Dyn);
    Add(DT_STRTAB, strings_at);
    Add(DT_STRSZ, strings_size.value_or(strings.size()));
    Add(DT_NULL, 0);
    load.p_filesz = strings_at - kShift + strings.size();
    std::string image;
    Append(image, header);
    Append(image, load);
    Append(image, dynamic);
    for (const Elf64_Dyn& entry : entries) Append(image, entry);
    return image + strings;
  }

  Elf64_Ehdr header = {};
  Elf64_Phdr load = {};
  Elf64_Phdr dynamic = {};
  std::vector<Elf64_Dyn> entries;
  std::string strings;
  std::optional<uint64_t> strings_size;

 private:
  uint64_t dynamic_at_ = 0;  ///< Whatever the header says of it.

  /// That of this test program, which is of this machine's kind.
  static Elf64_Ehdr OwnHeader() {
    Elf64_Ehdr own = {};
    std::ifstream("/proc/self/exe", std::ios::binary)
        .read(reinterpret_cast<char*>(&own), sizeof own);
    return own;
  }

  template <class T>
  static void Append(std::string& image, const T& value) {
    image.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
};

}  // namespace broker::testing
