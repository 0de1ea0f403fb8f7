#include "control/endpoint.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "platform/linux/local_connection.h"
#include "platform/linux/unique_fd.h"
#include "tests/support/forked.h"
#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr milliseconds kLong = std::chrono::seconds(20);

// A socket at `path` as a killed broker leaves it: bound, but nobody listens.
void LeaveStaleSocket(const std::string& path) {
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

// What `answer` gives in a process of a user without rights.
int AsNobody(const std::function<int()>& answer) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(125);
    _exit(answer());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Both ends of one connection.
struct Pair {
  std::unique_ptr<ControlConnection> server;
  std::unique_ptr<ControlConnection> client;
};

class AnEndpoint : public ::testing::Test {
 protected:
  std::unique_ptr<ControlListener> ListenAt(const std::string& path) {
    auto listener = Listen(path);
    EXPECT_TRUE(listener.ok()) << listener.status().message();
    return listener.ok() ? std::move(listener).value() : nullptr;
  }

  Pair Connected() {
    if (listener_ == nullptr) listener_ = ListenAt(path_);
    auto client = Connect(path_);
    EXPECT_TRUE(client.ok()) << client.status().message();
    auto server = listener_->Accept();
    EXPECT_TRUE(server.ok()) << server.status().message();
    return {std::move(server).value(), std::move(client).value()};
  }

  const testing::TempDirectory directory_;
  const std::string path_ = directory_ / "control.sock";
  std::unique_ptr<ControlListener> listener_;
};

TEST_F(AnEndpoint, IsOpenToTheGroupOnlyWhereItExists) {
  listener_ = ListenAt(path_);
  const bool shared = geteuid() == 0 && getgrnam("usher") != nullptr;
  EXPECT_EQ(ModeOf(path_), shared ? 0660U : 0600U);
}

TEST_F(AnEndpoint, KeepsOthersOut) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  listener_ = ListenAt(path_);
  // The owner is kept out by the socket's own mode, as "nobody" would be.
  ASSERT_EQ(geteuid() == 0 ? 0 : chmod(path_.c_str(), 0), 0);
  const int code = AsNobody([&] { return static_cast<int>(Connect(path_).status().code()); });
  EXPECT_EQ(code, static_cast<int>(StatusCode::kPermission));
}

TEST_F(AnEndpoint, KnowsWhoIsAtTheOtherEnd) {
  const Pair pair = Connected();
  EXPECT_EQ(pair.server->Other().user_id, std::to_string(geteuid()));
  EXPECT_EQ(pair.server->Other().pid, getpid());
  EXPECT_TRUE(pair.server->Other().privileged);
}

TEST(APeer, IsPrivilegedAsRootOrTheBrokersOwnUser) {
  EXPECT_TRUE(DescribePeer({1, 0, 0}, 990).privileged);
  EXPECT_TRUE(DescribePeer({1, 990, 990}, 990).privileged);
  EXPECT_FALSE(DescribePeer({1, 1000, 0}, 990).privileged);
  EXPECT_FALSE(DescribePeer({1, 1000, 0}, 0).privileged);
}

TEST(APeer, IsKnownByItsUserIdEvenTheHighest) {
  EXPECT_EQ(DescribePeer({1, 4294967294, 0}, 0).user_id, "4294967294");
}

TEST_F(AnEndpoint, ReplacesASocketThatOnlyAChildOfADeadBrokerHolds) {
  const testing::Orphan orphan([this] { return Listen(path_); });
  const auto listener = Listen(path_);
  EXPECT_TRUE(listener.ok()) << listener.status().message();
}

TEST_F(AnEndpoint, ReplacesASocketThatNobodyAnswersOn) {
  LeaveStaleSocket(path_);
  listener_ = ListenAt(path_);
  EXPECT_TRUE(Connect(path_).ok());
}

TEST_F(AnEndpoint, LeavesALivingBrokersSocketAlone) {
  listener_ = ListenAt(path_);
  const auto second = Listen(path_);
  EXPECT_EQ(second.status().code(), StatusCode::kExists);
  EXPECT_THAT(second.status().message(), HasSubstr(path_));
  EXPECT_TRUE(Connect(path_).ok());
}

TEST_F(AnEndpoint, LeavesABusyBrokersSocketAlone) {
  listener_ = ListenAt(path_);
  // Nobody accepts: the queue of connections fills up.
  std::vector<std::unique_ptr<ControlConnection>> queue;
  for (int i = 0; i < 64; ++i) queue.push_back(std::move(Connect(path_)).value());
  EXPECT_EQ(Listen(path_).status().code(), StatusCode::kExists);
}

TEST_F(AnEndpoint, LeavesAFileAlone) {
  std::ofstream(path_) << "precious";
  const auto listener = Listen(path_);
  EXPECT_EQ(listener.status().code(), StatusCode::kExists);
  EXPECT_THAT(listener.status().message(), HasSubstr("is no socket"));
  std::string content;
  std::ifstream(path_) >> content;
  EXPECT_EQ(content, "precious");
}

TEST_F(AnEndpoint, RemovesItsSocketAtTheEnd) {
  ListenAt(path_).reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(AnEndpoint, LeavesTheSocketOfItsSuccessor) {
  auto first = ListenAt(path_);
  std::filesystem::rename(path_, directory_ / "moved.sock");
  listener_ = ListenAt(path_);
  first.reset();
  EXPECT_TRUE(Connect(path_).ok());
}

TEST_F(AnEndpoint, SaysThatAPathIsTooLong) {
  const std::string path = directory_ / std::string(108, 'x');
  for (const Status& status : {Listen(path).status(), Connect(path).status()}) {
    EXPECT_EQ(status.code(), StatusCode::kInvalid);
    EXPECT_THAT(status.message(), HasSubstr("the system allows 107"));
  }
  EXPECT_EQ(Listen("").status().code(), StatusCode::kInvalid);
}

TEST_F(AnEndpoint, SaysThatItsDirectoryIsMissing) {
  const auto listener = Listen(directory_ / "none/control.sock");
  EXPECT_EQ(listener.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(listener.status().message(), HasSubstr("its directory must exist"));
}

TEST_F(AnEndpoint, IsNotFoundWhereNobodyListens) {
  EXPECT_EQ(Connect(path_).status().code(), StatusCode::kNotFound);
  LeaveStaleSocket(path_);
  EXPECT_EQ(Connect(path_).status().code(), StatusCode::kNotFound);
}

TEST_F(AnEndpoint, StopsAcceptingWhenShutDown) {
  listener_ = ListenAt(path_);
  std::thread acceptor([&] {
    EXPECT_EQ(listener_->Accept().status().code(), StatusCode::kStopped);
    EXPECT_EQ(listener_->Accept().status().code(), StatusCode::kStopped);
  });
  listener_->Shutdown();
  acceptor.join();
}

TEST_F(AnEndpoint, CarriesBytesBothWays) {
  const Pair pair = Connected();
  std::array<char, 16> buffer;
  ASSERT_TRUE(pair.client->Write("ping", kLong).ok());
  EXPECT_EQ(pair.server->Read(buffer, kLong).value(), 4U);
  ASSERT_TRUE(pair.server->Write("pong!", kLong).ok());
  EXPECT_EQ(pair.client->Read(buffer, kLong).value(), 5U);
}

TEST_F(AnEndpoint, GivesUpWhenNothingComes) {
  const Pair pair = Connected();
  std::array<char, 16> buffer;
  EXPECT_EQ(pair.server->Read(buffer, milliseconds(10)).status().code(), StatusCode::kTimeout);
}

TEST_F(AnEndpoint, GivesUpWhenTheOtherSideDoesNotRead) {
  const Pair pair = Connected();
  const std::string much(8U << 20U, 'x');
  EXPECT_EQ(pair.server->Write(much, milliseconds(50)).code(), StatusCode::kTimeout);
}

TEST_F(AnEndpoint, WritesMoreThanTheKernelHolds) {
  const Pair pair = Connected();
  const std::string much(8U << 20U, 'x');
  std::thread writer([&] { EXPECT_TRUE(pair.server->Write(much, kLong).ok()); });
  std::array<char, 65536> buffer;
  size_t total = 0;
  while (total < much.size()) {
    const auto count = pair.client->Read(buffer, kLong);
    if (!count.ok() || count.value() == 0) break;
    total += count.value();
  }
  EXPECT_EQ(total, much.size());
  writer.join();
}

TEST_F(AnEndpoint, ReadsTheEndWhenTheOtherSideCloses) {
  Pair pair = Connected();
  pair.client.reset();
  std::array<char, 16> buffer;
  EXPECT_EQ(pair.server->Read(buffer, kLong).value(), 0U);
  EXPECT_EQ(pair.server->Write("x", kLong).code(), StatusCode::kUnavailable);
}

TEST_F(AnEndpoint, EndsAReadThatIsShutDown) {
  const Pair pair = Connected();
  std::thread reader([&] {
    std::array<char, 16> buffer;
    const auto count = pair.server->Read(buffer, std::chrono::hours(1));
    EXPECT_TRUE(count.ok() && count.value() == 0);
  });
  pair.server->Shutdown();
  reader.join();
}

TEST_F(AnEndpoint, EndsAWriteThatIsShutDown) {
  const Pair pair = Connected();
  const std::string much(8U << 20U, 'x');
  std::thread writer([&] {
    EXPECT_EQ(pair.server->Write(much, std::chrono::hours(1)).code(), StatusCode::kUnavailable);
  });
  pair.server->Shutdown();
  writer.join();
}

}  // namespace
}  // namespace broker
