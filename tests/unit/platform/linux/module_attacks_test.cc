// Attackers on the way of a plugin's library into the broker: those who can put things beside it,
// or write where it looks for others.
#include <elf.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "isolation/child_process.h"
#include "platform/linux/unique_fd.h"
#include "tests/support/tiny_library.h"
#include "tests/unit/platform/linux/module_fixture.h"

namespace broker {
namespace {

namespace fs = std::filesystem;
using testing::AModule;
using ::testing::Contains;
using testing::ContentOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kSomebody;
using testing::TinyLibrary;

/// A thread that does something over and over while the test loads.
template <class Step>
class Attacker {
 public:
  explicit Attacker(Step step)
      : thread_([this, step] {
          while (!stop_) step();
        }) {}
  ~Attacker() {
    stop_ = true;
    thread_.join();
  }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// Makes what lies at `path` another user's, or, where only root could, everybody's to write.
void GiveAway(const std::string& path) {
  const bool given = ::geteuid() == 0 ? ::lchown(path.c_str(), kSomebody, kSomebody) == 0
                                      : ::chmod(path.c_str(), 0777) == 0;
  EXPECT_TRUE(given) << path;
}

class AnAttackedModule : public AModule {
 protected:
  /// Makes a library that would do harm, and that its mode or owner gives away.
  void WriteEvil(const std::string& path) const {
    fs::copy_file(std::string(TEST_PLUGIN_DIRECTORY) + "/throws.so", path);
    GiveAway(path);
  }

  /// Loads until it was often both accepted and refused: what was accepted is the good one.
  void LoadUnderAttack() const {
    const std::string good = ContentOf(std::string(TEST_PLUGIN_DIRECTORY) + "/good.so");
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(50);
    int loaded = 0;
    int refused = 0;
    while (loaded < 30 || refused < 30) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience) << loaded << " and " << refused;
      const Result<std::string> copy = Copy();
      copy.ok() ? ++loaded : ++refused;
      if (!copy.ok()) continue;
      ASSERT_TRUE(ContentOf(copy.value()) == good) << "somebody else's bytes would run";
      fs::remove(copy.value());
    }
    EXPECT_TRUE(fs::is_empty(copies_));
  }

  void WriteTiny(TinyLibrary library) const {
    fs::remove(library_);
    std::ofstream(library_, std::ios::binary) << library.Build();
  }

  /// That a library with this text under this tag is refused with these words.
  void ExpectRefusedWith(int64_t tag, const std::string& text, const std::string& words) const {
    TinyLibrary library;
    library.AddText(tag, text);
    WriteTiny(std::move(library));
    SCOPED_TRACE(text);
    ExpectRefused(words);
  }
};

TEST_F(AnAttackedModule, ThatIsSwappedByRenamingWhileItLoadsIsTheGoodOneOrRefused) {
  const std::string good = directory_ / "lib/next-good";
  const std::string evil = directory_ / "lib/next-evil";
  WriteEvil(evil);
  fs::rename(library_, good);
  fs::copy_file(good, library_);
  const Attacker attacker([&] {
    // The two names take turns in being the library.
    ::renameat2(AT_FDCWD, evil.c_str(), AT_FDCWD, library_.c_str(), RENAME_EXCHANGE);
  });
  LoadUnderAttack();
}

TEST_F(AnAttackedModule, ThatIsSwappedByALinkWhileItLoadsIsTheGoodOneOrRefused) {
  const std::string evil = directory_ / "evil.so";
  const std::string link = directory_ / "lib/link";
  WriteEvil(evil);
  fs::create_symlink(evil, link);
  const Attacker attacker(
      [&] { ::renameat2(AT_FDCWD, link.c_str(), AT_FDCWD, library_.c_str(), RENAME_EXCHANGE); });
  LoadUnderAttack();
}

TEST_F(AnAttackedModule, WhoseFolderIsSwappedWhileItLoadsIsTheGoodOneOrRefused) {
  const std::string evil = directory_ / "evil";
  fs::create_directory(evil);
  WriteEvil(evil + "/plugin.so");
  GiveAway(evil);
  const Attacker attacker([&] {
    ::renameat2(AT_FDCWD, evil.c_str(), AT_FDCWD, (directory_ / "lib").c_str(), RENAME_EXCHANGE);
  });
  LoadUnderAttack();
}

TEST_F(AnAttackedModule, ThatGrowsWhileItIsCopiedIsNotLoadedInPart) {
  fs::resize_file(library_, 4UL << 20U);
  const UniqueFd file(::open(library_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const Attacker attacker([&] {
    static_cast<void>(::write(file.get(), "x", 1));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  });
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(50);
  Result<std::string> copy = Copy();
  while (copy.ok() && std::chrono::steady_clock::now() < patience) {
    fs::remove(copy.value());
    copy = Copy();
  }
  EXPECT_EQ(copy.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(copy.status().message(), HasSubstr("was changed while it was read; load it again"));
}

TEST_F(AnAttackedModule, BehindAnotherUsersLinkIsRefused) {
  if (::geteuid() != 0) return;  // Only root can give links away.
  fs::create_directory_symlink("lib", directory_ / "link");
  GiveAway(directory_ / "link");
  const Result<std::string> copy = CopyTrusted(directory_ / "link/plugin.so", copies_);
  EXPECT_THAT(copy.status().message(), HasSubstr("/link' is not trusted: it belongs to user"));
}

TEST_F(AnAttackedModule, WithSeveralNamesIsRefusedInAFolderOfEverybodysOnly) {
  fs::create_hard_link(library_, directory_ / "lib/other");
  EXPECT_TRUE(Copy().ok());
  if (::geteuid() != 0) return;  // Sticky folders are trusted if they are root's.
  ASSERT_EQ(::chmod((directory_ / "lib").c_str(), 01777), 0);
  fs::remove_all(copies_);
  ASSERT_TRUE(PrepareCopyDirectory(copies_).ok());
  ExpectRefused("plugin.so' is not trusted: it has several names");
  fs::remove(directory_ / "lib/other");
  EXPECT_TRUE(Copy().ok());
}

TEST_F(AnAttackedModule, BehindALinkWithSeveralNamesIsRefusedInAFolderOfEverybodys) {
  if (::geteuid() != 0) return;  // Sticky folders are trusted if they are root's.
  fs::create_directory(directory_ / "shared");
  ASSERT_EQ(::chmod((directory_ / "shared").c_str(), 01777), 0);
  fs::create_directory_symlink("../lib", directory_ / "shared/link");
  EXPECT_TRUE(CopyTrusted(directory_ / "shared/link/plugin.so", copies_).ok());
  fs::create_hard_link(directory_ / "shared/link", directory_ / "shared/other");
  const Result<std::string> copy = CopyTrusted(directory_ / "shared/other/plugin.so", copies_);
  EXPECT_THAT(copy.status().message(), HasSubstr("shared/other' is not trusted: it has several"));
}

TEST_F(AnAttackedModule, ThatIsADeviceOrASocketIsNotWaitedFor) {
  fs::remove(library_);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{AF_UNIX, {}};
  library_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ExpectRefused("plugin.so'", StatusCode::kIo);
  ::close(listener);
  for (const char* device : {"/dev/zero", "/dev/null", "/dev/tty"}) {
    const Result<std::string> copy = CopyTrusted(device, copies_);
    EXPECT_FALSE(copy.ok()) << device;
  }
  fs::remove(library_);
  if (::mknod(library_.c_str(), S_IFCHR | 0600, makedev(1, 5)) != 0) return;  // Root's, and rarely.
  ExpectRefused("plugin.so' ");
}

TEST_F(AnAttackedModule, ThatSearchesWhereOthersCanPutLibrariesIsRefused) {
  const std::string theirs = directory_ / "theirs";
  fs::create_directory(theirs);
  GiveAway(theirs);
  for (const int64_t tag : {DT_RPATH, DT_RUNPATH}) {
    for (const std::string& path :
         {theirs, "/usr/lib:" + theirs, theirs + "/sub/not/there", std::string("$ORIGIN/../theirs"),
          std::string("${ORIGIN}/../theirs/sub"), std::string("$ORIGIN/../lib/../theirs")}) {
      ExpectRefusedWith(tag, path, "theirs' is not trusted: ");
    }
    for (const char* path :
         {"", ":/usr/lib", "/usr/lib:", "/usr/lib::/usr", "lib", "./lib", ".."}) {
      ExpectRefusedWith(tag, path, "it depends on the working directory");
    }
    for (const char* path : {"/usr/$LIB", "${PLATFORM}", "$ORIGINAL/lib", "${ORIGIN", "$"}) {
      ExpectRefusedWith(tag, path, "only $ORIGIN is understood there");
    }
  }
}

TEST_F(AnAttackedModule, MaySearchInTrustedFoldersByAnyNameOfTheirs) {
  TinyLibrary library;
  library.AddText(DT_RUNPATH, "/usr/lib:$ORIGIN:${ORIGIN}/../lib:$ORIGIN/parts");
  library.AddText(DT_NEEDED, "libm.so.6");
  WriteTiny(std::move(library));
  const Result<std::string> copy = Copy();
  EXPECT_TRUE(copy.ok()) << copy.status().message();
}

TEST_F(AnAttackedModule, ThatNeedsALibraryByPathIsRefusedWhateverItIsCalled) {
  for (const int64_t tag : {DT_NEEDED, DT_AUXILIARY, DT_FILTER, DT_AUDIT, DT_DEPAUDIT}) {
    for (const char* file : {"./own.so", "/tmp/own.so", "$ORIGIN/own.so", "$LIB.so", "${LIB}.so"}) {
      ExpectRefusedWith(tag, file, "it needs the library '" + std::string(file) + "' by path");
    }
  }
}

TEST_F(AnAttackedModule, WithListsThatNeverEndIsRefusedAtOnce) {
  TinyLibrary needed;
  for (int i = 0; i < 5000; ++i) needed.AddText(DT_NEEDED, "x");
  WriteTiny(std::move(needed));
  ExpectRefused("it needs thousands of libraries", StatusCode::kInvalid);
  TinyLibrary searches;
  for (int i = 0; i < 3; ++i) searches.AddText(DT_RUNPATH, "/usr/lib");
  WriteTiny(std::move(searches));
  ExpectRefused("it has more than one RUNPATH", StatusCode::kInvalid);
  TinyLibrary endless;
  endless.AddText(DT_NEEDED, std::string(100000, 'x'));
  WriteTiny(std::move(endless));
  ExpectRefused("the name of a library it needs lies outside its strings", StatusCode::kInvalid);
}

/// A variable of this process's environment, for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

using TheLoadersVariables = AnAttackedModule;

TEST_F(TheLoadersVariables, AreNamedWhereTheyLeadToTrustedPlaces) {
  EXPECT_THAT(CheckLoaderVariables().value(), IsEmpty());
  const Variable empty("LD_AUDIT", "");
  const Variable preload("LD_PRELOAD", library_ + " libm.so.6:/usr/lib/not-there.so");
  const Variable path("LD_LIBRARY_PATH", "/usr/lib;" + directory_.path() + "/lib");
  const auto found = CheckLoaderVariables();
  ASSERT_TRUE(found.ok()) << found.status().message();
  EXPECT_THAT(found.value(),
              ElementsAre("LD_PRELOAD=" + library_ + " libm.so.6:/usr/lib/not-there.so",
                          "LD_LIBRARY_PATH=/usr/lib;" + directory_.path() + "/lib"));
}

TEST_F(TheLoadersVariables, AreRefusedWhereOthersCanPutLibraries) {
  WriteEvil(directory_ / "evil.so");
  fs::create_symlink(directory_ / "evil.so", directory_ / "lib/link.so");
  const std::vector<std::pair<const char*, std::string>> refused = {
      {"LD_PRELOAD", directory_ / "evil.so"},
      {"LD_PRELOAD", library_ + " ./own.so"},
      {"LD_PRELOAD", directory_ / "lib/link.so"},
      {"LD_PRELOAD", "/tmp/not-there.so"},
      {"LD_AUDIT", directory_ / "evil.so"},
      {"LD_AUDIT", "libm.so.6:$LIB.so"},
      {"LD_LIBRARY_PATH", "/tmp"},
      {"LD_LIBRARY_PATH", "/usr/lib:"},
      {"LD_LIBRARY_PATH", "/usr/lib;/tmp"},
      {"LD_LIBRARY_PATH", "/usr/$LIB"},
      {"LD_LIBRARY_PATH", "lib"}};
  for (const auto& [name, value] : refused) {
    const Variable variable(name, value);
    const auto found = CheckLoaderVariables();
    EXPECT_EQ(found.status().code(), StatusCode::kPermission) << name << "=" << value;
    EXPECT_THAT(found.status().message(), HasSubstr(std::string(name) + " has '"));
  }
}

TEST_F(TheLoadersVariables, AreNotTheChildrens) {
  const Variable path("LD_LIBRARY_PATH", "/usr/lib");
  const Variable secret("USHER_TEST_SECRET", "1");
  const Variable zone("TZ", "UTC");
  const auto child = ChildProcess::Start({"/usr/bin/env", {}, {}});
  ASSERT_TRUE(child.ok()) << child.status().message();
  ASSERT_TRUE(child.value()->Wait(Condition::TimePoint::max()));
  const std::string said = child.value()->Output(10000);
  EXPECT_THAT(said, HasSubstr("TZ=UTC\n"));
  EXPECT_EQ(said.find("LD_"), std::string::npos) << said;
  EXPECT_EQ(said.find("SECRET"), std::string::npos) << said;
}

}  // namespace
}  // namespace broker
