#include "platform/linux/elf_runpath.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string& Library() {
  static const std::string content =
      ContentOf(std::string(TEST_PLUGIN_DIRECTORY) + "/runpath_shared.so");
  return content;
}

/// A shared library of nothing but headers, mapped at addresses that are not its offsets.
class TinyLibrary {
 public:
  static constexpr uint64_t kShift = 0x1000;

  TinyLibrary() {
    const Elf64_Ehdr real = HeaderOf(Library());
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
  }

  static Elf64_Ehdr HeaderOf(const std::string& image) {
    Elf64_Ehdr result;
    std::memcpy(&result, image.data(), sizeof result);
    return result;
  }

  void Add(int64_t tag, uint64_t value) {
    Elf64_Dyn entry = {};
    entry.d_tag = tag;
    entry.d_un.d_val = value;
    entries.push_back(entry);
  }

  /// The image; the string table stands at the end.
  [[nodiscard]] std::string Build() {
    const uint64_t strings_at = dynamic.p_vaddr + (entries.size() + 3) * sizeof(Elf64_Dyn);
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
  template <class T>
  static void Append(std::string& image, const T& value) {
    image.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
};

TEST(ElfSearchOf, ARealLibraryHasItsFolders) {
  const auto search = ReadElfSearch(Library());
  ASSERT_TRUE(search.ok()) << search.status().message();
  EXPECT_THAT(search.value().folders, ElementsAre("/usr/lib", "/tmp/somebodys"));
  EXPECT_THAT(search.value().files, IsEmpty());
}

TEST(ElfSearchOf, TheLinkersOwnTokenIsLeftAsItIs) {
  const auto search =
      ReadElfSearch(ContentOf(std::string(TEST_PLUGIN_DIRECTORY) + "/runpath_beside.so"));
  ASSERT_TRUE(search.ok());
  EXPECT_THAT(search.value().folders, ElementsAre("$ORIGIN/parts"));
}

TEST(ElfSearchOf, BothPathTagsAndNeededPathsAreFound) {
  TinyLibrary library;
  library.strings = std::string("\0/a::b\0/c\0libm.so\0./own.so\0", 27);
  library.Add(DT_RPATH, 1);
  library.Add(DT_RUNPATH, 7);
  library.Add(DT_NEEDED, 10);
  library.Add(DT_NEEDED, 18);
  const auto search = ReadElfSearch(library.Build());
  ASSERT_TRUE(search.ok()) << search.status().message();
  EXPECT_THAT(search.value().folders, ElementsAre("/a", "", "b", "/c"));
  EXPECT_THAT(search.value().files, ElementsAre("./own.so"));
}

TEST(ElfSearchOf, AFileThatIsNoLibrarySaysWhatItIs) {
  EXPECT_THAT(ReadElfSearch("").status().message(), HasSubstr("does not begin like an ELF file"));
  EXPECT_THAT(ReadElfSearch("\x7f"
                            "ELF")
                  .status()
                  .message(),
              HasSubstr("another kind of machine"));
  TinyLibrary object;
  object.header.e_type = ET_REL;
  EXPECT_THAT(ReadElfSearch(object.Build()).status().message(), HasSubstr("an object file"));
  TinyLibrary foreign;
  foreign.header.e_machine = EM_68K;
  EXPECT_THAT(ReadElfSearch(foreign.Build()).status().message(),
              HasSubstr("another kind of machine"));
  TinyLibrary small;
  small.header.e_ident[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(ReadElfSearch(small.Build()).status().message(),
              HasSubstr("another kind of machine"));
}

TEST(ElfSearchOf, OffsetsThatLeadNowhereAreErrors) {
  TinyLibrary segments;
  segments.header.e_phoff = ~0ULL - 10;
  EXPECT_THAT(ReadElfSearch(segments.Build()).status().message(), HasSubstr("table of segments"));
  TinyLibrary dynamic;
  dynamic.dynamic.p_vaddr = ~0ULL;
  EXPECT_THAT(ReadElfSearch(dynamic.Build()).status().message(), HasSubstr("dynamic section"));
  TinyLibrary strings;
  strings.Add(DT_RUNPATH, 0);
  strings.strings = std::string("\0", 1);
  strings.strings_size = ~0ULL;
  EXPECT_THAT(ReadElfSearch(strings.Build()).status().message(), HasSubstr("strings are cut off"));
  TinyLibrary outside;
  outside.strings = "/a";
  outside.Add(DT_RUNPATH, 1);
  EXPECT_THAT(ReadElfSearch(outside.Build()).status().message(),
              HasSubstr("its RUNPATH lies outside its strings"));
  TinyLibrary wrapping;
  wrapping.load.p_offset = ~0ULL;
  EXPECT_THAT(ReadElfSearch(wrapping.Build()).status().message(), HasSubstr("dynamic section"));
}

TEST(ElfSearchOf, EveryBeginningOfALibraryIsAnAnswer) {
  for (size_t size = 0; size < Library().size(); size += size < 4096 ? 1 : 97) {
    const std::string cut = Library().substr(0, size);  // A copy: an overrun is one of the heap's.
    const auto search = ReadElfSearch(cut);
    if (search.ok()) {
      EXPECT_EQ(search.value().folders.size(), 2U);
    }
  }
}

TEST(ElfSearchOf, FlippedBytesAreAnAnswer) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string image = TinyLibrary().Build();
    for (int flips = 0; flips < 3; ++flips) {
      image[20 + random() % (image.size() - 20)] = static_cast<char>(random());
    }
    static_cast<void>(ReadElfSearch(image).ok());
  }
}

}  // namespace
}  // namespace broker
