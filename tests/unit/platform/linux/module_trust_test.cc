#include "plugin_host/module_trust.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/trusted_path.h"
#include "tests/unit/platform/linux/module_fixture.h"

namespace broker {
namespace {

namespace fs = std::filesystem;
using testing::AModule;
using testing::ContentOf;
using ::testing::HasSubstr;
using testing::kSomebody;

constexpr uid_t kSomebodyElse = 12345;

TEST_F(AModule, IsCopiedToAPlaceOfTheBrokersOwn) {
  const Result<std::string> copy = Copy();
  ASSERT_TRUE(copy.ok()) << copy.status().message();
  EXPECT_EQ(ContentOf(copy.value()), ContentOf(library_));
  struct stat info = {};
  ASSERT_EQ(::stat(copy.value().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0500U);
  ASSERT_EQ(::stat(copies_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
}

TEST_F(AModule, GetsANewNameWithEveryCopy) {
  const Result<std::string> one = Copy();
  const Result<std::string> two = Copy();
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one.value(), two.value());
}

TEST_F(AModule, ThatIsSwappedAfterTheCheckIsNotWhatIsLoaded) {
  const std::string good = ContentOf(library_);
  const Result<std::string> copy = Copy();
  ASSERT_TRUE(copy.ok());
  Install("no_entry");
  EXPECT_NE(ContentOf(library_), good);
  EXPECT_EQ(ContentOf(copy.value()), good);
}

TEST_F(AModule, MayBeTruncatedWhileItsCopyIsMapped) {
  const Result<std::string> copy = Copy();
  ASSERT_TRUE(copy.ok());
  void* const handle = ::dlopen(copy.value().c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << ::dlerror();
  fs::resize_file(library_, 0);
  EXPECT_NE(::dlsym(handle, "usher_plugin_entry"), nullptr);
  ::dlclose(handle);
}

TEST_F(AModule, ThatOthersCanWriteIsRefused) {
  for (const mode_t mode : {0775U, 0757U}) {
    ASSERT_EQ(::chmod(library_.c_str(), mode), 0);
    ExpectRefused(
        "lib/plugin.so' is not trusted: others than its owner can write to it; run "
        "chmod go-w on it");
  }
}

TEST_F(AModule, InAFolderThatOthersCanWriteIsRefused) {
  for (const mode_t mode : {0775U, 0757U, 01777U & ~01000U}) {
    ASSERT_EQ(::chmod((directory_ / "lib").c_str(), mode), 0);
    ExpectRefused("lib' is not trusted: others than its owner can write to it");
  }
}

TEST_F(AModule, BelowAFolderThatOthersCanWriteIsRefused) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  ExpectRefused("'" + directory_.path() + "' is not trusted: others than its owner");
}

TEST_F(AModule, InAStickyFolderIsTrustedOnlyWhereRootOwnsThatFolder) {
  ASSERT_EQ(::chmod((directory_ / "lib").c_str(), 01777), 0);
  if (::geteuid() == 0) {
    EXPECT_TRUE(Copy().ok());
    ASSERT_EQ(::chown((directory_ / "lib").c_str(), kSomebody, kSomebody), 0);
    const Result<std::string> copy = Copy();
    EXPECT_EQ(copy.status().code(), StatusCode::kPermission);
  } else {
    ExpectRefused("lib' is not trusted: others than its owner can write to it");
  }
}

TEST_F(AModule, OfAnotherUserIsRefused) {
  EXPECT_TRUE(CheckOwner("x", 0, kSomebody).ok());
  EXPECT_TRUE(CheckOwner("x", kSomebody, kSomebody).ok());
  const Status foreign = CheckOwner("/x", kSomebodyElse, kSomebody);
  EXPECT_EQ(foreign.code(), StatusCode::kPermission);
  EXPECT_EQ(foreign.message(),
            "'/x' is not trusted: it belongs to user 12345, and neither to root nor to the "
            "broker's own user (65534); let one of them own it");
  if (::geteuid() != 0) return;  // Only root can give files away.
  ASSERT_EQ(::chown(library_.c_str(), kSomebody, kSomebody), 0);
  ExpectRefused("plugin.so' is not trusted: it belongs to user 65534");
  ASSERT_EQ(::chown(library_.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown((directory_ / "lib").c_str(), kSomebody, kSomebody), 0);
  ExpectRefused("lib' is not trusted: it belongs to user 65534");
}

/// Runs `body` in a process of the user `uid` (for root; others stay who they are); its answer.
bool AsUser(uid_t uid, const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(uid) != 0 || ::setuid(uid) != 0)) ::_exit(2);
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(AModule, OfTheBrokersOwnUserIsTrustedWhoeverThatIs) {
  const uid_t self = ::geteuid() == 0 ? kSomebody : ::geteuid();
  const std::string state = directory_ / "own";
  if (::geteuid() == 0) {
    for (const std::string& path : {directory_.path(), directory_ / "lib", library_}) {
      ASSERT_EQ(::chown(path.c_str(), self, self), 0);
    }
  }
  EXPECT_TRUE(AsUser(
      self, [&] { return PrepareCopyDirectory(state).ok() && CopyTrusted(library_, state).ok(); }));
  if (::geteuid() != 0) return;  // Only root can give files away.
  ASSERT_EQ(::chown(library_.c_str(), kSomebodyElse, kSomebodyElse), 0);
  EXPECT_TRUE(AsUser(self, [&] {
    return CopyTrusted(library_, state).status().code() == StatusCode::kPermission;
  }));
}

TEST_F(AModule, BehindALinkIsRefused) {
  fs::rename(library_, directory_ / "lib/real.so");
  fs::create_symlink("real.so", library_);
  ExpectRefused("plugin.so' is not trusted: it is a symbolic link; name the file itself");
}

TEST_F(AModule, BehindALinkedFolderIsJudgedByWhereItLeads) {
  fs::create_symlink("lib", directory_ / "link");
  fs::create_symlink(directory_ / "link/../link/.", directory_ / "twice");
  EXPECT_TRUE(CopyTrusted(directory_ / "twice/plugin.so", copies_).ok());
  ASSERT_EQ(::chmod((directory_ / "lib").c_str(), 0777), 0);
  const Result<std::string> copy = CopyTrusted(directory_ / "twice/plugin.so", copies_);
  EXPECT_EQ(copy.status().code(), StatusCode::kPermission);
  EXPECT_THAT(copy.status().message(), HasSubstr("/lib' is not trusted"));
}

TEST_F(AModule, BehindARingOfLinksIsNotLookedForForEver) {
  fs::create_symlink("b", directory_ / "a");
  fs::create_symlink("a", directory_ / "b");
  const Result<std::string> copy = CopyTrusted(directory_ / "a/plugin.so", copies_);
  EXPECT_THAT(copy.status().message(),
              HasSubstr("leads in a circle, or through too many links (ELOOP, code 40)"));
}

TEST_F(AModule, MustBeARegularFile) {
  fs::remove(library_);
  ASSERT_EQ(::mkfifo(library_.c_str(), 0700), 0);
  ExpectRefused("plugin.so' is not trusted: it is not a regular file");
  fs::remove(library_);
  fs::create_directory(library_);
  ExpectRefused("plugin.so' is not trusted: it is not a regular file");
  fs::remove(library_);
  ExpectRefused("plugin.so': no such file or directory (ENOENT, code 2)", StatusCode::kNotFound);
}

TEST_F(AModule, MustNotBeHuge) {
  fs::resize_file(library_, kMaxModuleBytes + 1);
  ExpectRefused("plugin.so' is larger than 256 MiB", StatusCode::kInvalid);
}

TEST_F(AModule, MustBeALibrary) {
  fs::resize_file(library_, 0);
  ExpectRefused("plugin.so' is not a shared library: it is empty", StatusCode::kInvalid);
  std::ofstream(library_) << "#!/bin/sh\n";
  ExpectRefused("plugin.so' is not a shared library: it does not begin like an ELF file",
                StatusCode::kInvalid);
  Install("good");
  fs::resize_file(library_, 1000);
  ExpectRefused("plugin.so' is a damaged shared library", StatusCode::kInvalid);
}

TEST_F(AModule, ThatSearchesLibrariesInEverybodysFolderIsRefused) {
  Install("runpath_shared");
  ExpectRefused(
      "plugin.so' is not trusted: its RUNPATH has the folder '/tmp/somebodys', from "
      "which others could slip in a library: '/tmp' is not trusted: every user can put "
      "files there");
}

TEST_F(AModule, MaySearchBesideItselfAsLongAsNobodyElseCanPutAnythingThere) {
  Install("runpath_beside");
  EXPECT_TRUE(Copy().ok());
  fs::create_directory(directory_ / "lib/parts");
  const Result<std::string> copy = Copy();
  ASSERT_TRUE(copy.ok()) << copy.status().message();
  ASSERT_EQ(::chmod((directory_ / "lib/parts").c_str(), 0777), 0);
  EXPECT_THAT(Copy().status().message(), HasSubstr("its RUNPATH has the folder '$ORIGIN/parts'"));
}

TEST_F(AModule, IsNotCopiedToAFolderThatOthersCanEnter) {
  ASSERT_EQ(::chmod(copies_.c_str(), 0750), 0);
  ExpectRefused("must belong to the broker's own user with mode 0700");
}

TEST_F(AModule, IsNotCopiedThroughALinkOfSomebodyElse) {
  fs::remove(copies_);
  ASSERT_EQ(::chmod((directory_ / "state").c_str(), 0777), 0);
  fs::create_directory_symlink(directory_ / "lib", copies_);
  EXPECT_EQ(PrepareCopyDirectory(copies_).code(), StatusCode::kPermission);
  EXPECT_TRUE(fs::exists(library_));
}

TEST_F(AModule, LeavesNothingBehindAfterTheFolderWasPreparedAnew) {
  ASSERT_TRUE(Copy().ok());
  EXPECT_FALSE(fs::is_empty(copies_));
  EXPECT_TRUE(PrepareCopyDirectory(copies_).ok());
  EXPECT_TRUE(fs::is_empty(copies_));
}

}  // namespace
}  // namespace broker
