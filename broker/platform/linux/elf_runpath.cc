#include "platform/linux/elf_runpath.h"

#include <elf.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

namespace broker {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr uint16_t kMachine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr uint16_t kMachine = EM_PPC64;
#elif defined(__s390x__)
constexpr uint16_t kMachine = EM_S390;
#else
#error "Name this machine's ELF number here."
#endif
constexpr unsigned char kByteOrder =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

Status Damaged(std::string_view what) {
  return {StatusCode::kInvalid,
          "is a damaged shared library: " + std::string(what) + "; build or install it anew"};
}

Status NoLibrary(std::string_view what) {
  return {StatusCode::kInvalid, "is not a shared library: " + std::string(what)};
}

// More of either is no library that a linker made.
constexpr size_t kMaxSearches = 2;  // DT_RPATH and DT_RUNPATH.
constexpr size_t kMaxNeeded = 4096;
constexpr size_t kMaxTextBytes = 64UL << 10U;

/// Bounded access to an ELF image. Offsets come from the file and are not to be believed.
class Image {
 public:
  explicit Image(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  [[nodiscard]] std::optional<T> Read(uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value{};
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  /// The `size` bytes at `offset`, if they are all there.
  [[nodiscard]] std::optional<std::string_view> Span(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
    return bytes_.substr(offset, size);
  }

 private:
  std::string_view bytes_;
};

Status CheckHeader(std::string_view image, const std::optional<Elf64_Ehdr>& header) {
  if (!image.starts_with(std::string_view(ELFMAG, SELFMAG))) {
    return NoLibrary("it does not begin like an ELF file");
  }
  if (image.size() <= EI_DATA || image[EI_CLASS] != ELFCLASS64 || image[EI_DATA] != kByteOrder) {
    return NoLibrary("it is an ELF file for another kind of machine");
  }
  if (!header) return Damaged("its header is cut off");
  if (header->e_machine != kMachine) {
    return NoLibrary("it is an ELF file for another kind of machine");
  }
  if (header->e_type != ET_DYN) {
    return NoLibrary("it is an ELF file of another type (an object file or a program)");
  }
  if (header->e_phentsize != sizeof(Elf64_Phdr)) return Damaged("its segments have an odd size");
  return {};
}

Result<std::vector<Elf64_Phdr>> ReadSegments(const Image& image, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> segments;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    // e_phoff is any number; a sum that wraps around is caught by the first comparison.
    const uint64_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    const auto segment = at < header.e_phoff ? std::nullopt : image.Read<Elf64_Phdr>(at);
    if (!segment) return Damaged("its table of segments is cut off");
    // Reading a mapped page that the file does not reach is a SIGBUS.
    if (segment->p_type == PT_LOAD && !image.Span(segment->p_offset, segment->p_filesz)) {
      return Damaged("it is cut off");
    }
    segments.push_back(*segment);
  }
  return segments;
}

/// Where in the file the bytes lie that will be mapped at `address`.
std::optional<uint64_t> FileOffset(const std::vector<Elf64_Phdr>& segments, uint64_t address) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    const uint64_t inside = address - segment.p_vaddr;
    const uint64_t offset = segment.p_offset + inside;
    if (inside < segment.p_filesz && offset >= segment.p_offset) return offset;
  }
  return std::nullopt;
}

/// The raw facts of the dynamic section.
struct Dynamic {
  std::optional<uint64_t> strings;  ///< Address of the string table.
  uint64_t strings_size = 0;
  std::vector<uint64_t> search;  ///< Offsets into the string table.
  std::vector<uint64_t> needed;
};

Status CheckCounts(const Dynamic& dynamic) {
  if (dynamic.search.size() > kMaxSearches) return Damaged("it has more than one RUNPATH");
  if (dynamic.needed.size() > kMaxNeeded) return Damaged("it needs thousands of libraries");
  return {};
}

void Take(const Elf64_Dyn& entry, Dynamic& out) {
  switch (entry.d_tag) {
    case DT_STRTAB:
      out.strings = entry.d_un.d_ptr;
      break;
    case DT_STRSZ:
      out.strings_size = entry.d_un.d_val;
      break;
    case DT_RPATH:
    case DT_RUNPATH:
      out.search.push_back(entry.d_un.d_val);
      break;
    case DT_NEEDED:
    case DT_AUXILIARY:
    case DT_FILTER:
    case DT_AUDIT:
    case DT_DEPAUDIT:
      out.needed.push_back(entry.d_un.d_val);
      break;
    default:
      break;
  }
}

Result<Dynamic> ReadDynamic(const Image& image, const std::vector<Elf64_Phdr>& segments) {
  Dynamic dynamic;
  bool found = false;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    // The loader reads the mapped section up to DT_NULL, not the file's bytes at p_offset.
    const auto start = FileOffset(segments, segment.p_vaddr);
    if (found || !start) return Damaged("its dynamic section is nowhere or twice");
    found = true;
    for (uint64_t at = *start;; at += sizeof(Elf64_Dyn)) {
      const auto entry = image.Read<Elf64_Dyn>(at);
      if (!entry) return Damaged("its dynamic section is cut off");
      if (entry->d_tag == DT_NULL) break;
      Take(*entry, dynamic);
      Status counted = CheckCounts(dynamic);
      if (!counted.ok()) return counted;
    }
  }
  if (!found) return NoLibrary("it has no dynamic section");
  return dynamic;
}

std::optional<std::string> StringAt(std::string_view table, uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const std::string_view rest = table.substr(offset, kMaxTextBytes);
  const size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

void SplitFolders(std::string_view path, std::vector<std::string>& out) {
  while (true) {
    const size_t colon = path.find(':');
    out.emplace_back(path.substr(0, colon));
    if (colon == std::string_view::npos) return;
    path.remove_prefix(colon + 1);
  }
}

Result<ElfSearch> Resolve(const Dynamic& dynamic, std::string_view strings) {
  ElfSearch search;
  for (const uint64_t offset : dynamic.search) {
    const auto folders = StringAt(strings, offset);
    if (!folders) return Damaged("its RUNPATH lies outside its strings");
    SplitFolders(*folders, search.folders);
  }
  for (const uint64_t offset : dynamic.needed) {
    auto file = StringAt(strings, offset);
    if (!file) return Damaged("the name of a library it needs lies outside its strings");
    // Of "$LIB" the loader makes a path as well.
    if (file->find_first_of("/$") != std::string::npos) search.files.push_back(*std::move(file));
  }
  return search;
}

}  // namespace

Result<ElfSearch> ReadElfSearch(std::string_view bytes) {
  const Image image(bytes);
  const auto header = image.Read<Elf64_Ehdr>(0);
  Status checked = CheckHeader(bytes, header);
  if (!checked.ok()) return checked;
  const auto segments = ReadSegments(image, *header);
  if (!segments.ok()) return segments.status();
  const auto dynamic = ReadDynamic(image, segments.value());
  if (!dynamic.ok()) return dynamic.status();
  if (dynamic.value().search.empty() && dynamic.value().needed.empty()) return ElfSearch{};
  const auto offset = FileOffset(segments.value(), dynamic.value().strings.value_or(0));
  const auto strings = offset ? image.Span(*offset, dynamic.value().strings_size) : std::nullopt;
  if (!dynamic.value().strings || !strings) return Damaged("its strings are cut off");
  return Resolve(dynamic.value(), *strings);
}

}  // namespace broker
