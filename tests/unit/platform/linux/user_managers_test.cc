// What is at the socket of a user's service manager is the user's: here it is up to no good.
#include "platform/linux/user_managers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "platform/linux/unique_fd.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::NotNull;

/// What a manager that can be asked does.
struct Manners {
  int units_told = 0;  ///< Before each answer.
  int calls_made = 0;  ///< The same, of methods of the broker's.
  std::atomic<int> replies = 0;
  std::atomic<bool> hangs_up = false;
  std::atomic<bool> hangs_up_when_asked = false;
  std::atomic<int> connections = 0;
  std::atomic<int> questions = 0;
};

/// A manager's end of one connection.
class OneManager {
 public:
  OneManager(UniqueFd fd, Manners& manners) : manners_(manners) {
    const int number = fd.release();
    EXPECT_GE(sd_bus_new(&bus_), 0);
    EXPECT_GE(sd_bus_set_fd(bus_, number, number), 0);
    EXPECT_GE(sd_bus_set_server(bus_, 1, {{1}}), 0);
    const auto hear = [](sd_bus_message* message, void* self, sd_bus_error*) {
      return static_cast<OneManager*>(self)->Hear(message);
    };
    EXPECT_GE(sd_bus_add_filter(bus_, nullptr, hear, this), 0);
    EXPECT_GE(sd_bus_start(bus_), 0);
  }
  ~OneManager() { sd_bus_close_unref(bus_); }
  OneManager(const OneManager&) = delete;
  OneManager& operator=(const OneManager&) = delete;

  /// Until either end hangs up.
  void Run(const std::atomic<bool>& stopping) {
    int result = 1;
    while (result >= 0 && !stopping && !manners_.hangs_up && !done_) {
      result = sd_bus_process(bus_, nullptr);
      if (result == 0) sd_bus_wait(bus_, 10'000);
    }
  }

 private:
  int Hear(sd_bus_message* message) {
    if (sd_bus_message_is_method_call(message, nullptr, "Get") <= 0) return 0;
    const int question = ++manners_.questions;
    done_ = manners_.hangs_up_when_asked.exchange(false);
    if (done_) return 1;
    for (int i = 0; i < manners_.units_told; ++i) {
      sd_bus_emit_signal(bus_, "/unit", "org.freedesktop.DBus.Properties", "PropertiesChanged", "s",
                         "org.freedesktop.systemd1.Unit");
    }
    const auto replied = [](sd_bus_message*, void* manners, sd_bus_error*) {
      ++static_cast<Manners*>(manners)->replies;
      return 0;
    };
    for (int i = 0; i < manners_.calls_made; ++i) {
      sd_bus_call_method_async(bus_, nullptr, nullptr, "/", "org.freedesktop.DBus.Peer", "Ping",
                               replied, &manners_, "");
    }
    const std::string variable = "QUESTION=" + std::to_string(question);
    sd_bus_reply_method_return(message, "v", "as", 1, variable.c_str());
    return 1;
  }

  Manners& manners_;
  sd_bus* bus_ = nullptr;
  bool done_ = false;
};

class AUsersManager : public ::testing::Test {
 protected:
  AUsersManager() {
    const std::string folder = directory_ / std::to_string(::getuid()) + "/systemd";
    std::filesystem::create_directories(folder);
    const std::string path = folder + "/private";
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~AUsersManager() override {
    stopping_ = true;
    ::shutdown(socket_.get(), SHUT_RDWR);
    if (peer_.joinable()) peer_.join();
  }

  void Listen() { ASSERT_EQ(::listen(socket_.get(), 4), 0); }

  /// Whoever connects is told the first, then the second text, over and over.
  void Answer(std::string first, std::string then) {
    Listen();
    peer_ = std::thread([this, first = std::move(first), then = std::move(then)] {
      const UniqueFd fd(::accept(socket_.get(), nullptr, nullptr));
      std::array<char, 4096> heard{};
      static_cast<void>(!::read(fd.get(), heard.data(), heard.size()));
      ::send(fd.get(), first.data(), first.size(), MSG_NOSIGNAL);
      while (!stopping_ && ::send(fd.get(), then.data(), then.size(), MSG_NOSIGNAL) > 0) {
      }
    });
  }

  /// As a real one does: it says how often it has been asked.
  void Serve(int units_told = 0) {
    manners_.units_told = units_told;
    Listen();
    peer_ = std::thread([this] {
      while (!stopping_) {
        UniqueFd fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (fd.get() < 0) return;
        ++manners_.connections;
        OneManager(std::move(fd), manners_).Run(stopping_);
      }
    });
  }

  static void Turn(UserManagers& managers) {
    for (const PollWish& wish : managers.Wishes()) {
      pollfd polled{wish.fd, wish.events, 0};
      ::poll(&polled, 1, wish.timeout_ms < 0 ? 10 : wish.timeout_ms);
    }
    managers.Process();
  }

  static std::shared_ptr<const UserVariables> WaitFor(UserManagers& managers) {
    const auto answer = managers.Ask(::getuid());
    const auto deadline = steady_clock::now() + seconds(20);
    while (!answer->known && steady_clock::now() < deadline) Turn(managers);
    return answer;
  }

  testing::TempDirectory directory_;
  UserManagers managers_{directory_ / ""};
  UniqueFd socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::atomic<bool> stopping_ = false;
  Manners manners_;
  std::thread peer_;
};

TEST_F(AUsersManager, ThatIsNotThereIsKnownAtOnce) {
  const auto answer = managers_.Ask(::getuid() + 1);
  managers_.Process();
  EXPECT_TRUE(answer->known);
  EXPECT_FALSE(answer->status.ok());
}

TEST_F(AUsersManager, ThatIsSilentIsGivenUpSoon) {
  Listen();
  const auto begun = steady_clock::now();
  const auto answer = WaitFor(managers_);
  EXPECT_TRUE(answer->known);
  EXPECT_THAT(answer->status.message(), HasSubstr("ETIMEDOUT"));
  EXPECT_LT(steady_clock::now() - begun, seconds(5));
  EXPECT_TRUE(managers_.Wishes().empty());
}

TEST_F(AUsersManager, ThatIsBeingAskedIsNotAskedAgain) {
  Listen();
  EXPECT_EQ(managers_.Ask(::getuid()), managers_.Ask(::getuid()));
  EXPECT_EQ(managers_.Wishes().size(), 1U);
}

TEST_F(AUsersManager, ThatWasAskedAheadHasAnsweredForAMoment) {
  const uid_t nobody = ::getuid() + 1;
  managers_.AskAhead(nobody);
  managers_.Process();
  const auto answer = managers_.Ask(nobody);
  EXPECT_TRUE(answer->known);
  EXPECT_EQ(managers_.Ask(nobody), answer);
  const auto deadline = steady_clock::now() + seconds(20);
  while (managers_.Ask(nobody) == answer && steady_clock::now() < deadline) {
    managers_.Process();
  }
  EXPECT_NE(managers_.Ask(nobody), answer);
}

TEST_F(AUsersManager, ThatTalksNonsenseIsNotHeard) {
  Answer("REJECTED\r\n", "nonsense\r\n");
  const auto answer = WaitFor(managers_);
  EXPECT_TRUE(answer->known);
  EXPECT_FALSE(answer->status.ok());
}

TEST_F(AUsersManager, ThatTalksWithoutEndIsHeardForAWhileOnly) {
  // Accepted, and then a message of 8 MB that is none. How far that is read is a matter of who is
  // faster.
  std::string header{'l', 1, 0, 1};
  header += std::string("\x00\x00\x80\x00", 4) + std::string("\x01\x00\x00\x00", 4);
  header += std::string("\x00\x00\x00\x00", 4);
  Answer("DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n" + header, std::string(65536, 'x'));
  const auto begun = steady_clock::now();
  const auto answer = WaitFor(managers_);
  EXPECT_TRUE(answer->known);
  EXPECT_THAT(answer->status.message(),
              AnyOf(HasSubstr("EMSGSIZE"), HasSubstr("EBADMSG"), HasSubstr("ETIMEDOUT")));
  EXPECT_TRUE(answer->variables.empty());
  EXPECT_LT(steady_clock::now() - begun, seconds(5));
}

TEST_F(AUsersManager, ThatIsKeptIsAskedAnewOverTheSameConnection) {
  Serve(100);
  const auto kept = managers_.Keep(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=1"));
  for (int i = 0; i < 5; ++i) Turn(managers_);
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=2"));
  EXPECT_EQ(manners_.connections, 1);
}

TEST_F(AUsersManager, ThatIsAskedAheadAgainAnswersAnew) {
  Serve();
  managers_.AskAhead(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=1"));
  managers_.AskAhead(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=2"));
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=2"));
}

TEST_F(AUsersManager, ThatIsKeptIsConnectedToBeforeItIsAsked) {
  Listen();
  const auto kept = managers_.Keep(::getuid());
  ASSERT_EQ(managers_.Wishes().size(), 1U);
  EXPECT_GE(managers_.Wishes().front().fd, 0);
}

TEST_F(AUsersManager, ThatIsKeptNoMoreIsHungUpOn) {
  Serve();
  auto kept = managers_.Keep(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=1"));
  EXPECT_EQ(managers_.Wishes().size(), 1U);
  kept = nullptr;
  managers_.Process();
  EXPECT_TRUE(managers_.Wishes().empty());
}

TEST_F(AUsersManager, ThatHangsUpIsAskedOverAnotherConnection) {
  Serve();
  const auto kept = managers_.Keep(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=1"));
  manners_.hangs_up = true;
  for (int i = 0; i < 2000 && managers_.Wishes().front().fd >= 0; ++i) Turn(managers_);
  manners_.hangs_up = false;
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=2"));
  EXPECT_EQ(manners_.connections, 2);
}

TEST_F(AUsersManager, ThatReplacesItselfWhenItIsAskedIsAskedOnceMore) {
  Serve();
  const auto kept = managers_.Keep(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=1"));
  manners_.hangs_up_when_asked = true;
  const auto answer = WaitFor(managers_);
  EXPECT_TRUE(answer->status.ok()) << answer->status.message();
  EXPECT_THAT(answer->variables, ElementsAre("QUESTION=3"));
  EXPECT_EQ(manners_.connections, 2);
}

TEST_F(AUsersManager, ThatIsKeptAndTalksTooMuchIsHungUpOn) {
  Serve(5000);
  const auto kept = managers_.Keep(::getuid());
  const auto answer = WaitFor(managers_);
  EXPECT_THAT(answer->status.message(), AnyOf(HasSubstr("EMSGSIZE"), HasSubstr("ETIMEDOUT")));
  EXPECT_LT(managers_.Wishes().front().fd, 0);
}

/// Replies that it does not read would fill the broker's memory.
TEST_F(AUsersManager, ThatCallsTheBrokerGetsNoReply) {
  manners_.calls_made = 10;
  Serve();
  const auto keeper = managers_.Keep(::getuid());
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=1"));
  EXPECT_THAT(WaitFor(managers_)->variables, ElementsAre("QUESTION=2"));
  EXPECT_EQ(manners_.connections, 1);
  EXPECT_EQ(manners_.replies, 0);
}

TEST_F(AUsersManager, IsKeptForSoManyOnly) {
  std::vector<std::shared_ptr<const void>> kept;
  for (uid_t user = 0; user < 128; ++user) kept.push_back(managers_.Keep(user));
  EXPECT_THAT(kept, Each(NotNull()));
  EXPECT_EQ(managers_.Keep(1000), nullptr);
  EXPECT_EQ(managers_.Keep(7), kept[7]);
  kept.pop_back();
  EXPECT_NE(managers_.Keep(1000), nullptr);
}

TEST_F(AUsersManager, WhoseSocketIsAnothersIsNotAsked) {
  // As a link to the system's own manager would be.
  Listen();
  const std::string other = directory_ / std::to_string(::getuid() + 1);
  std::filesystem::create_symlink(directory_ / std::to_string(::getuid()), other);
  const auto answer = managers_.Ask(::getuid() + 1);
  managers_.Process();
  EXPECT_TRUE(answer->known);
  EXPECT_EQ(answer->status.code(), StatusCode::kPermission) << answer->status.message();
}

}  // namespace
}  // namespace broker
