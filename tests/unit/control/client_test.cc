#include "control/client.h"

#include <algorithm>
#include <deque>

#include <gmock/gmock.h>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

// A broker that says what the test wants, piece by piece, and then closes.
class ScriptedConnection final : public ControlConnection {
 public:
  explicit ScriptedConnection(std::deque<Result<std::string>> pieces)
      : pieces_(std::move(pieces)) {}

  Result<size_t> Read(std::span<char> into, milliseconds) override {
    if (pieces_.empty()) return size_t{0};
    const auto piece = pieces_.front();
    pieces_.pop_front();
    if (!piece.ok()) return piece.status();
    std::copy_n(piece.value().begin(), piece.value().size(), into.begin());
    return piece.value().size();
  }
  Status Write(std::string_view, milliseconds) override { return {}; }
  void Shutdown() noexcept override {}
  [[nodiscard]] const Peer& Other() const override { return peer_; }

 private:
  std::deque<Result<std::string>> pieces_;
  Peer peer_;
};

Result<boost::json::value> CallTo(std::deque<Result<std::string>> pieces) {
  return ControlClient(std::make_unique<ScriptedConnection>(std::move(pieces))).Call("status");
}

TEST(AClient, GivesTheResultHoweverItsAnswerIsCut) {
  const auto result = CallTo({std::string(R"({"jsonrpc":"2.0",)"), std::string(R"("id":1,"res)"),
                              std::string("ult\":{\"pid\":812}}\n")});
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_EQ(result->at("pid"), 812);
}

TEST(AClient, KeepsTheBrokersOwnWords) {
  const auto result = CallTo({std::string(
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method"}})"
      "\n")});
  EXPECT_EQ(result.status().code(), StatusCode::kInvalid);
  EXPECT_EQ(result.status().message(), "the broker says: there is no method");
}

TEST(AClient, TellsABrokerThatLeftFromOneThatIsSilent) {
  EXPECT_EQ(CallTo({}).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(CallTo({Status(StatusCode::kTimeout, "nothing came")}).status().code(),
            StatusCode::kTimeout);
}

struct Code {
  int error;
  StatusCode code;
};

class AnErrorCode : public ::testing::TestWithParam<Code> {};

TEST_P(AnErrorCode, HasAStatusCode) {
  const auto result = CallTo({R"({"jsonrpc":"2.0","id":null,"error":{"code":)" +
                              std::to_string(GetParam().error) + ",\"message\":\"m\"}}\n"});
  EXPECT_EQ(result.status().code(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Each, AnErrorCode,
    ::testing::Values(Code{-32601, StatusCode::kInvalid}, Code{-32602, StatusCode::kInvalid},
                      Code{-32603, StatusCode::kInternal}, Code{-32000, StatusCode::kUnavailable},
                      Code{-32002, StatusCode::kTimeout}, Code{12345, StatusCode::kInvalid}));

class AnAnswerThatIsNotTheProtocol : public ::testing::TestWithParam<const char*> {};

TEST_P(AnAnswerThatIsNotTheProtocol, IsCorrupt) {
  const auto result = CallTo({std::string(GetParam()) + "\n"});
  EXPECT_EQ(result.status().code(), StatusCode::kCorrupt) << GetParam();
  EXPECT_THAT(result.status().message(), HasSubstr("cannot be understood"));
}

INSTANTIATE_TEST_SUITE_P(Each, AnAnswerThatIsNotTheProtocol,
                         ::testing::Values("", "HTTP/1.1 400 Bad Request", "[]", "{}", "17",
                                           R"({"jsonrpc":"2.0","id":2,"result":1})",
                                           R"({"jsonrpc":"2.0","result":1})",
                                           R"({"jsonrpc":"2.0","id":1,"error":"no"})",
                                           R"({"jsonrpc":"2.0","id":1,"error":{"code":"1"}})"));

TEST(AClient, FindsNoBrokerWhereThereIsNone) {
  const testing::TempDirectory directory;
  EXPECT_EQ(ControlClient::Open(directory / "control.sock").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace broker
