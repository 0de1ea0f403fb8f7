#include "action/program_trust.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/script_line.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kSomebody = 65534;

TEST(AScriptsFirstLine, NamesItsInterpreterAsTheKernelReadsIt) {
  EXPECT_EQ(InterpreterOf("#!/bin/sh\necho\n"), "/bin/sh");
  EXPECT_EQ(InterpreterOf("#! \t /bin/sh"), "/bin/sh");
  EXPECT_EQ(InterpreterOf("#!/usr/bin/env python3 -B\n"), "/usr/bin/env");
  EXPECT_EQ(InterpreterOf("#!/bin/sh\t-e \n"), "/bin/sh");
  EXPECT_EQ(InterpreterOf(std::string_view("#!/bin/sh\0x\n", 12)), "/bin/sh");
  EXPECT_EQ(InterpreterOf("#!/bin/sh\r\n"), "/bin/sh\r");
  EXPECT_EQ(InterpreterOf("#!sh\n"), "sh");
}

TEST(AScriptsFirstLine, IsNoneWithoutAName) {
  for (const char* const head : {"", "#", "#!", "#! \t", "#!\n/bin/sh\n", "#! \n", " #!/bin/sh\n",
                                 "\x7f"
                                 "ELF"}) {
    EXPECT_EQ(InterpreterOf(head), std::nullopt) << head;
  }
}

TEST(AScriptsFirstLine, IsReadAsFarAsTheKernelReads) {
  const std::string begin = "#!/";
  const std::string longest(kScriptLineBytes - begin.size() - 1, 'x');
  EXPECT_EQ(InterpreterOf(begin + longest + "\n"), "/" + longest);
  EXPECT_EQ(InterpreterOf(begin + longest + " "), "/" + longest);
  EXPECT_EQ(InterpreterOf(begin + longest + "x"), std::nullopt);
  EXPECT_EQ(InterpreterOf(begin + longest), "/" + longest);
}

class AScript : public ::testing::Test {
 protected:
  [[nodiscard]] std::string Write(const std::string& name, const std::string& text,
                                  mode_t mode = 0755) const {
    const std::string path = directory_ / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  static std::string Asks(const std::string& script, const std::string& interpreter) {
    return "'" + script + "' asks for the interpreter '" + interpreter + "'";
  }

  static void ExpectRefused(const std::string& program, StatusCode code, const std::string& text) {
    const Status status = CheckProgram(program);
    EXPECT_EQ(status.code(), code);
    EXPECT_THAT(status.message(), HasSubstr(text));
  }

  testing::TempDirectory directory_;
};

TEST_F(AScript, OfATrustedInterpreterIsRun) {
  const Status status = CheckProgram(Write("script", "#!/bin/sh -e\n"));
  EXPECT_TRUE(status.ok()) << status.message();
}

TEST_F(AScript, WhoseInterpreterIsSomebodysIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const std::string shell = directory_ / "shell";
  std::filesystem::copy_file("/bin/sh", shell);
  const std::string script = Write("script", "#!" + shell + "\n");
  const Status own = CheckProgram(script);
  EXPECT_TRUE(own.ok()) << own.message();
  ASSERT_EQ(::chown(shell.c_str(), kSomebody, kSomebody), 0);
  ExpectRefused(script, StatusCode::kPermission,
                Asks(script, shell) + ": '" + shell + "' is not trusted: it belongs to user 65534");
}

TEST_F(AScript, WhoseInterpreterOthersCanWriteIsRefused) {
  const std::string shell = Write("shell", "", 0757);
  const std::string script = Write("script", "#!" + shell + "\n");
  ExpectRefused(script, StatusCode::kPermission,
                Asks(script, shell) + ": '" + shell + "' is not trusted: others than its owner");
}

TEST_F(AScript, WhoseInterpreterIsInAFolderOfOthersIsRefused) {
  const std::string folder = directory_ / "open";
  std::filesystem::create_directory(folder);
  const std::string script = Write("script", "#!" + folder + "/shell\n");
  (void)Write("open/shell", "");
  EXPECT_TRUE(CheckProgram(script).ok());
  ::chmod(folder.c_str(), 0777);
  ExpectRefused(script, StatusCode::kPermission, "'" + folder + "' is not trusted");
}

TEST_F(AScript, WhoseInterpretersInterpreterOthersCanWriteIsRefused) {
  const std::string last = Write("last", "", 0757);
  const std::string middle = Write("middle", "#!" + last + "\n");
  ExpectRefused(Write("script", "#!" + middle + "\n"), StatusCode::kPermission,
                Asks(middle, last) + ": '" + last + "' is not trusted");
}

TEST_F(AScript, IsFollowedAsFarAsTheKernelGoes) {
  std::string program = "/bin/sh";
  for (int i = 0; i < 5; ++i) {
    program = Write("script" + std::to_string(i), "#!" + program + "\n");
  }
  const Status status = CheckProgram(program);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(::system(program.c_str()), 0);
  const std::string one_more = Write("one-more", "#!" + program + "\n");
  ExpectRefused(one_more, StatusCode::kInvalid, "is a script of a script, and so on");
  EXPECT_NE(::system((one_more + " 2>/dev/null").c_str()), 0);
}

TEST(AProgramThatIsTrusted, IsAFile) {
  const testing::TempDirectory directory;
  const std::string pipe = directory / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0755), 0);
  for (const auto& [path, what] : {std::pair{pipe, "a pipe"},
                                   {std::string(directory / "."), "a folder"},
                                   {std::string("/dev/null"), "a device"}}) {
    const Status status = CheckProgram(path);
    EXPECT_EQ(status.code(), StatusCode::kInvalid);
    EXPECT_THAT(status.message(),
                HasSubstr(std::string("is ") + what + " and no program; name the program itself"));
  }
}

TEST_F(AScript, OfItselfIsRefused) {
  const std::string script = Write("script", "#!" + (directory_ / "script") + "\n");
  ExpectRefused(script, StatusCode::kInvalid, "is a script of a script, and so on");
}

TEST_F(AScript, WithoutItsInterpreterNamesBoth) {
  const std::string script = Write("script", "#!/nowhere/sh -e\n");
  ExpectRefused(script, StatusCode::kCorrupt,
                Asks(script, "/nowhere/sh") + ", which is not there; install it");
}

TEST_F(AScript, WithLineEndsOfWindowsSaysSo) {
  ExpectRefused(Write("script", "#!/bin/sh\r\n"), StatusCode::kCorrupt,
                "which is not there; save the script with the line ends of Unix");
}

TEST_F(AScript, WhoseInterpreterDependsOnTheFolderIsRefused) {
  const std::string script = Write("script", "#!bin/sh\n");
  ExpectRefused(script, StatusCode::kPermission,
                "'" + script +
                    "' is not trusted: it asks for the interpreter 'bin/sh', which is no absolute "
                    "path");
}

TEST_F(AScript, WhoseInterpreterWouldMakeOneWaitIsRefusedAtOnce) {
  const std::string pipe = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0755), 0);
  const std::string script = Write("script", "#!" + pipe + "\n");
  const Status status = CheckProgram(script);
  EXPECT_THAT(status.message(), HasSubstr(Asks(script, pipe)));
}

TEST_F(AScript, ThatCannotBeReadIsNotRefusedForThat) {
  const std::string script = Write("script", "#!/nowhere/sh\n", 0111);
  if (::geteuid() != 0) {
    EXPECT_TRUE(CheckProgram(script).ok());
    return;
  }
  ::chmod(directory_.path().c_str(), 0755);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool became = ::setresgid(kSomebody, kSomebody, kSomebody) == 0 &&
                        ::setresuid(kSomebody, kSomebody, kSomebody) == 0;
    ::_exit(became && CheckProgram(script).ok() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace broker
