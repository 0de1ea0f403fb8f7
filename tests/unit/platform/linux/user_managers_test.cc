// What is at the socket of a user's service manager is the user's: here it is up to no good.
#include "platform/linux/user_managers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
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
using ::testing::HasSubstr;

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

  static std::shared_ptr<const UserVariables> WaitFor(UserManagers& managers) {
    const auto answer = managers.Ask(::getuid());
    const auto deadline = steady_clock::now() + seconds(20);
    while (!answer->known && steady_clock::now() < deadline) {
      for (const PollWish& wish : managers.Wishes()) {
        pollfd polled{wish.fd, wish.events, 0};
        ::poll(&polled, 1, wish.timeout_ms);
      }
      managers.Process();
    }
    return answer;
  }

  testing::TempDirectory directory_;
  UserManagers managers_{directory_ / ""};
  UniqueFd socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::atomic<bool> stopping_ = false;
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
