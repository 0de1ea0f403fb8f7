#include "control/server.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "control/client.h"
#include "control/protocol.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"
#include "tests/unit/control/fake_backend.h"
#include "tests/unit/control/raw_peer.h"

namespace broker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::Eventually;
using ::testing::HasSubstr;
using testing::RawPeer;

constexpr std::string_view kStatus = R"({"jsonrpc":"2.0","id":1,"method":"status"})"
                                     "\n";

std::string Request(int id, std::string_view method) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + std::string(method) +
         "\"}\n";
}

class SilentDiagnostics final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view) noexcept override {}
};

class AServer : public ::testing::Test {
 protected:
  void Serve(ControlLimits limits = {}) {
    auto listener = Listen(path_);
    ASSERT_TRUE(listener.ok()) << listener.status().message();
    server_ = std::make_unique<ControlServer>(std::move(listener).value(), backend_, diagnostics_,
                                              limits);
    ASSERT_TRUE(server_->Start().ok());
  }

  // Whether a new peer is answered; false when it is refused.
  bool Admits() {
    RawPeer peer(path_);
    return peer.Send(kStatus) &&
           peer.ReadLine().value_or("").find("\"result\"") != std::string::npos;
  }

  const testing::TempDirectory directory_;
  const std::string path_ = directory_ / "control.sock";
  testing::FakeBackend backend_;
  SilentDiagnostics diagnostics_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(AServer, AnswersARequest) {
  Serve();
  RawPeer peer(path_);
  ASSERT_TRUE(peer.Send(kStatus));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"version\":\"1.2.3\""));
}

TEST_F(AServer, AnswersRequestsOfOneWriteInTheirOrder) {
  Serve();
  RawPeer peer(path_);
  std::string requests;
  for (int id = 0; id < 100; ++id) requests += Request(id, id % 2 == 0 ? "status" : "sessions");
  ASSERT_TRUE(peer.Send(requests));
  for (int id = 0; id < 100; ++id) {
    EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"id\":" + std::to_string(id) + ","));
  }
}

TEST_F(AServer, WaitsForTheRestOfARequest) {
  Serve();
  RawPeer peer(path_);
  for (const char byte : kStatus) ASSERT_TRUE(peer.Send({&byte, 1}));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"result\""));
}

TEST_F(AServer, PassesOverEmptyLinesAndNotifications) {
  Serve();
  RawPeer peer(path_);
  ASSERT_TRUE(peer.Send("\n\r\n  \n{\"jsonrpc\":\"2.0\",\"method\":\"status\"}\n"));
  ASSERT_TRUE(peer.Send(R"({"jsonrpc":"2.0","id":2,"method":"status"})"
                        "\r\n"));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"id\":2"));
}

TEST_F(AServer, GoesOnAfterLinesThatAreNotJson) {
  Serve();
  RawPeer peer(path_);
  std::string garbage("\0\x01\xff{[\"", 6);
  ASSERT_TRUE(peer.Send(garbage + "\n" + std::string(kStatus)));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("-32700"));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"result\""));
}

TEST_F(AServer, SurvivesABackendThatThrows) {
  Serve();
  RawPeer peer(path_);
  ASSERT_TRUE(peer.Send(Request(1, "plugins") + std::string(kStatus)));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("-32603"));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"result\""));
}

TEST_F(AServer, ClosesIdleConnectionsWithoutAWord) {
  Serve({.request = milliseconds(50)});
  RawPeer peer(path_);
  EXPECT_EQ(peer.ReadLine(), std::nullopt);
}

TEST_F(AServer, ClosesAfterARequestThatStaysHalfSent) {
  Serve({.request = milliseconds(50)});
  RawPeer peer(path_);
  ASSERT_TRUE(peer.Send(R"({"jsonrpc":"2.0",)"));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("-32002"));
  EXPECT_EQ(peer.ReadLine(), std::nullopt);
}

TEST_F(AServer, IsNotKeptWaitingByBytesThatTrickleIn) {
  Serve({.request = milliseconds(100)});
  RawPeer peer(path_);
  // A byte every millisecond for as long as they are taken: no pause is ever as long as the limit.
  EXPECT_TRUE(Eventually([&] { return !peer.Send("{"); }));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("-32002"));
}

TEST_F(AServer, TakesARequestOfExactlyTheLimit) {
  Serve();
  RawPeer peer(path_);
  std::string line(kStatus);
  line.insert(0, kMaxRequestBytes - line.size(), ' ');
  ASSERT_TRUE(peer.Send(line));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"result\""));
}

TEST_F(AServer, RefusesALineAboveTheLimitAndCloses) {
  Serve();
  RawPeer peer(path_);
  ASSERT_TRUE(peer.Send(kStatus));
  (void)peer.Send(std::string(10 * kMaxRequestBytes, ' '));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("\"result\""));
  EXPECT_THAT(peer.ReadLine().value_or(""), HasSubstr("-32001"));
  EXPECT_EQ(peer.ReadLine(), std::nullopt);
}

TEST_F(AServer, RefusesTheSeventeenthConnectionOfAUserUntilOneIsClosed) {
  Serve();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 16; ++i) {
    peers.push_back(std::make_unique<RawPeer>(path_));
    ASSERT_TRUE(peers.back()->Send(kStatus));
    ASSERT_THAT(peers.back()->ReadLine().value_or(""), HasSubstr("\"result\"")) << i;
  }
  RawPeer refused(path_);
  const std::string line = refused.ReadLine().value_or("");
  EXPECT_THAT(line, HasSubstr("-32000"));
  EXPECT_THAT(line, HasSubstr("has 16 connections already"));
  EXPECT_EQ(refused.ReadLine(), std::nullopt);

  peers.pop_back();
  EXPECT_TRUE(Eventually([&] { return Admits(); }));
}

TEST_F(AServer, RefusesConnectionsAboveTheNumberForAll) {
  Serve({.connections_per_user = 100, .connections = 2});
  RawPeer first(path_);
  RawPeer second(path_);
  RawPeer third(path_);
  EXPECT_THAT(third.ReadLine().value_or(""), HasSubstr("the broker has 2 connections already"));
}

TEST_F(AServer, TellsAClientWhyItIsRefused) {
  Serve({.connections_per_user = 1});
  RawPeer first(path_);
  auto client = ControlClient::Open(path_);
  ASSERT_TRUE(client.ok()) << client.status().message();
  const auto answer = client->Call("status");
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(answer.status().message(), HasSubstr("has 1 connections already"));
}

TEST_F(AServer, DropsAPeerThatNeverReads) {
  Serve({.connections_per_user = 1, .request = hours(1), .answer = milliseconds(50)});
  RawPeer deaf(path_);
  // Ends when the server has closed: until then it either reads on or lets the write wait.
  EXPECT_TRUE(Eventually([&] { return !deaf.Send(Request(1, "sessions")); }));
  EXPECT_TRUE(Eventually([&] { return Admits(); }));
}

TEST_F(AServer, SurvivesPeersThatLeaveBeforeTheirAnswers) {
  Serve();
  std::string requests;
  for (int id = 0; id < 200; ++id) requests += Request(id, "sessions");
  for (int i = 0; i < 20; ++i) {
    RawPeer peer(path_);
    (void)peer.Send(requests);
  }
  EXPECT_TRUE(Eventually([&] { return Admits(); }));
}

TEST_F(AServer, AnswersThousandsOfRequestsOfAllItsConnections) {
  Serve();
  std::atomic<int> answered{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&] {
      auto client = ControlClient::Open(path_);
      for (int call = 0; client.ok() && call < 250; ++call) {
        if (client->Call("status", {}, std::chrono::seconds(50)).ok()) ++answered;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, 4000);
}

TEST_F(AServer, StopsAtOnceWhateverItsPeersDo) {
  Serve({.request = hours(1), .answer = hours(1)});
  RawPeer idle(path_);
  RawPeer half(path_);
  ASSERT_TRUE(half.Send("{"));
  RawPeer deaf(path_);
  std::thread sender([&] {
    while (deaf.Send(Request(1, "sessions"))) {
    }
  });
  ASSERT_TRUE(idle.Send(kStatus));
  ASSERT_THAT(idle.ReadLine().value_or(""), HasSubstr("\"result\""));
  server_->Stop();
  sender.join();
  EXPECT_EQ(idle.ReadLine(), std::nullopt);
  EXPECT_EQ(half.ReadLine(), std::nullopt);
}

TEST_F(AServer, ThatHasStoppedMayBeStoppedAgain) {
  Serve();
  server_->Stop();
  server_->Stop();
}

TEST_F(AServer, ThatWasNeverStartedStops) {
  auto listener = Listen(path_);
  ASSERT_TRUE(listener.ok());
  ControlServer server(std::move(listener).value(), backend_, diagnostics_);
  server.Stop();
}

// A listener that fails a few times, as the system does that has no descriptor left.
class FailingListener final : public ControlListener {
 public:
  FailingListener(std::unique_ptr<ControlListener> real, int failures)
      : real_(std::move(real)), failures_(failures) {}
  Result<std::unique_ptr<ControlConnection>> Accept() override {
    if (failures_-- > 0) return Status(StatusCode::kUnavailable, "no descriptor left");
    return real_->Accept();
  }
  void Shutdown() noexcept override { real_->Shutdown(); }

 private:
  const std::unique_ptr<ControlListener> real_;
  int failures_;
};

// A listener whose peers are other users, none of which may steer, as long as it is told so.
class StrangersListener final : public ControlListener {
 public:
  class Stranger final : public ControlConnection {
   public:
    Stranger(std::unique_ptr<ControlConnection> real, std::string user_id)
        : real_(std::move(real)), peer_{std::move(user_id), 1, false} {}
    Result<size_t> Read(std::span<char> into, milliseconds timeout) override {
      return real_->Read(into, timeout);
    }
    Status Write(std::string_view bytes, milliseconds timeout) override {
      return real_->Write(bytes, timeout);
    }
    void Shutdown() noexcept override { real_->Shutdown(); }
    [[nodiscard]] const Peer& Other() const override { return peer_; }

   private:
    const std::unique_ptr<ControlConnection> real_;
    const Peer peer_;
  };

  StrangersListener(std::unique_ptr<ControlListener> real, const std::atomic<bool>& strange)
      : real_(std::move(real)), strange_(strange) {}
  Result<std::unique_ptr<ControlConnection>> Accept() override {
    auto accepted = real_->Accept();
    if (!accepted.ok() || !strange_) return accepted;
    return std::unique_ptr<ControlConnection>(std::make_unique<Stranger>(
        std::move(accepted).value(), std::to_string(1000 + users_++ / 16)));
  }
  void Shutdown() noexcept override { real_->Shutdown(); }

 private:
  const std::unique_ptr<ControlListener> real_;
  const std::atomic<bool>& strange_;
  int users_ = 0;
};

TEST_F(AServer, KeepsRoomForRootHoweverManyUsersHoldWhatTheyMayHave) {
  auto listener = Listen(path_);
  ASSERT_TRUE(listener.ok());
  std::atomic<bool> strange = true;
  ControlServer server(std::make_unique<StrangersListener>(std::move(listener).value(), strange),
                       backend_, diagnostics_);
  ASSERT_TRUE(server.Start().ok());
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 48; ++i) {
    peers.push_back(std::make_unique<RawPeer>(path_));
    ASSERT_TRUE(peers.back()->Send(kStatus));
    ASSERT_THAT(peers.back()->ReadLine().value_or(""), HasSubstr("\"result\"")) << i;
  }
  RawPeer refused(path_);
  EXPECT_THAT(refused.ReadLine().value_or(""), HasSubstr("the broker has 48 connections already"));
  strange = false;
  EXPECT_TRUE(Admits());
}

class CountingDiagnostics final : public Diagnostics {
 public:
  void Log(Severity severity, std::string_view component, std::string_view) noexcept override {
    if (severity == Severity::kWarning && component == "control") ++warnings;
  }
  std::atomic<int> warnings{0};
};

TEST_F(AServer, AcceptsAgainAfterFailuresAndWarnsOnceAboutThem) {
  auto listener = Listen(path_);
  ASSERT_TRUE(listener.ok());
  CountingDiagnostics diagnostics;
  ControlServer server(std::make_unique<FailingListener>(std::move(listener).value(), 3), backend_,
                       diagnostics);
  ASSERT_TRUE(server.Start().ok());
  EXPECT_TRUE(Admits());
  EXPECT_EQ(diagnostics.warnings, 1);
}

TEST_F(AServer, StopsWhileItWaitsAfterAFailure) {
  auto listener = Listen(path_);
  ASSERT_TRUE(listener.ok());
  CountingDiagnostics diagnostics;
  ControlServer server(std::make_unique<FailingListener>(std::move(listener).value(), 1'000'000),
                       backend_, diagnostics);
  ASSERT_TRUE(server.Start().ok());
  EXPECT_TRUE(Eventually([&] { return diagnostics.warnings > 0; }));
  server.Stop();
}

}  // namespace
}  // namespace broker
