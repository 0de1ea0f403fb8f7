#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include "platform/linux/logind_source.h"
#include "platform/linux/unique_fd.h"
#include "tests/contract/source_contract.h"

namespace broker::contract {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{10};

std::vector<char*> Argv(std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  return argv;
}

/// A program that was started, with its standard input and, where asked for, its output.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe2 failed");
    }
    const UniqueFd their_input(in[0]);
    const UniqueFd their_output(out[1]);
    input_ = UniqueFd(in[1]);
    output_ = UniqueFd(out[0]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, their_input.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, their_output.get(), STDOUT_FILENO);
    const int error = posix_spawnp(&pid_, arguments[0].c_str(), &actions, nullptr,
                                   Argv(arguments).data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
  }

  /// All it writes until the end of a line or of its output.
  std::string ReadLine() {
    std::string line;
    char c = 0;
    while (read(output_.get(), &c, 1) == 1 && c != '\n') line.push_back(c);
    return line;
  }

  /// Ends its input and waits for it; its exit status.
  int Finish() {
    input_.reset();
    int status = 0;
    waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_ = -1;
  UniqueFd input_;
  UniqueFd output_;
};

void Run(std::vector<std::string> arguments) {
  const std::string name = arguments[0];
  if (Program(std::move(arguments)).Finish() != 0) throw std::runtime_error(name + " failed");
}

/// The value of a text member in the one line of JSON that the session's holder prints.
std::string TextMember(const std::string& line, const std::string& member) {
  const std::string before = "\"" + member + "\": \"";
  const size_t begin = line.find(before);
  if (begin == std::string::npos) throw std::runtime_error("no session was opened: " + line);
  const size_t value = begin + before.size();
  return line.substr(value, line.find('"', value) - value);
}

/// The logind of the container this runs in, with PAM sessions that join seat0 without a terminal.
class LogindDesktop final : public Desktop {
 public:
  LogindDesktop() { WaitUntilNobodyIsLoggedOn(); }

  ~LogindDesktop() override {
    while (!holders_.empty()) Logoff(holders_.begin()->first);
  }

  std::unique_ptr<Source> MakeSource(Diagnostics& diagnostics) override {
    return std::make_unique<LogindSource>(ConnectToLogind, diagnostics);
  }

  std::string Logon(const std::string& user) override {
    auto holder = std::make_unique<Program>(std::vector<std::string>{
        "/usr/bin/python3", PamSession(), user, "--seat", "seat0", "--type", "wayland"});
    const std::string id = TextMember(holder->ReadLine(), "id");
    holders_.emplace(id, std::move(holder));
    return id;
  }

  void Lock(const std::string& id) override { SetLockedHint(id, "true"); }
  void Unlock(const std::string& id) override { SetLockedHint(id, "false"); }
  void RequestLock(const std::string& id) override { Run({"loginctl", "lock-session", id}); }
  void SwitchTo(const std::string& id) override { Run({"loginctl", "activate", id}); }

  void Logoff(const std::string& id) override {
    const auto holder = holders_.find(id);
    holder->second->Finish();
    holders_.erase(holder);
  }

 private:
  static std::string PamSession() {
    const char* path = std::getenv("USHER_PAM_SESSION");
    if (path == nullptr) {
      throw std::runtime_error("USHER_PAM_SESSION is not set: run this through tests/linux");
    }
    return path;
  }

  static void SetLockedHint(const std::string& id, const std::string& hint) {
    // An object path escapes a digit that comes first: sd_bus_path_encode(3).
    const bool is_number = id[0] >= '0' && id[0] <= '9';
    const std::string path = "/org/freedesktop/login1/session/" + (is_number ? "_3" + id : id);
    Run({"busctl", "--quiet", "call", "org.freedesktop.login1", path,
         "org.freedesktop.login1.Session", "SetLockedHint", "b", hint});
  }

  static void WaitUntilNobodyIsLoggedOn() {
    const auto deadline = steady_clock::now() + kPatience;
    while (sd_get_sessions(nullptr) > 0) {
      if (steady_clock::now() > deadline) throw std::runtime_error("sessions are left over");
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  std::map<std::string, std::unique_ptr<Program>> holders_;
};

INSTANTIATE_TEST_SUITE_P(Logind, SourceContract, testing::Values(DesktopFactory([] {
                           return std::make_unique<LogindDesktop>();
                         })));

}  // namespace
}  // namespace broker::contract
