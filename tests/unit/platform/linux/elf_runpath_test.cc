#include "platform/linux/elf_runpath.h"

#include <array>
#include <cstring>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/tiny_library.h"
#include "tests/unit/platform/linux/module_fixture.h"

namespace broker {
namespace {

using testing::ContentOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TinyLibrary;

const std::string& Library() {
  static const std::string content =
      ContentOf(std::string(TEST_PLUGIN_DIRECTORY) + "/runpath_shared.so");
  return content;
}

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
  EXPECT_THAT(ReadElfSearch(wrapping.Build()).status().message(), HasSubstr("it is cut off"));
  TinyLibrary cut;
  std::string half = cut.Build();
  half.pop_back();
  EXPECT_THAT(ReadElfSearch(half).status().message(), HasSubstr("it is cut off"));
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

/// Numbers that a header should not have: bounds of types, of the file, and any other.
uint64_t AbsurdNumber(std::mt19937_64& random, size_t size) {
  const std::array<uint64_t, 8> absurd = {0,    1,        0xFFFF,    0xFFFFFFFF,
                                          size, size - 1, ~0ULL - 7, ~0ULL};
  const uint64_t choice = random() % (absurd.size() + 2);
  if (choice < absurd.size()) return absurd.at(choice);
  return choice == absurd.size() ? random() % size : random();
}

TEST(ElfSearchOf, ARealLibraryWithAbsurdHeadersIsAnAnswer) {
  std::mt19937_64 random(2);
  std::string image = Library();
  for (int round = 0; round < 5000; ++round) {
    // The ELF header, the table of segments behind it, or anywhere: there the dynamic section is.
    const size_t end = round % 4 == 0 ? 64 : round % 4 == 1 ? 1000 : image.size();
    const size_t at = 16 + random() % (end - 16 - sizeof(uint64_t));
    const size_t width = size_t{1} << (random() % 4);
    const uint64_t number = AbsurdNumber(random, image.size());
    const std::string before = image.substr(at, width);
    std::memcpy(image.data() + at, &number, width);
    static_cast<void>(ReadElfSearch(std::string(image)).ok());
    // Every other stays, so that they add up; a while at most.
    if (round % 2 == 0) image.replace(at, width, before);
    if (round % 64 == 0) image = Library();
  }
}

}  // namespace
}  // namespace broker
