#include "control/protocol.h"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/unit/control/fake_backend.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

class TheProtocol : public ::testing::Test {
 protected:
  // The answer, which must be one line of JSON-RPC.
  boost::json::object Ask(std::string_view request) {
    const auto answer = AnswerRequest(request, backend_, peer_);
    EXPECT_TRUE(answer.has_value()) << "no answer to " << request;
    if (!answer) return {};
    EXPECT_EQ(answer->find('\n'), answer->size() - 1);
    boost::json::object json = boost::json::parse(*answer).as_object();
    EXPECT_EQ(json["jsonrpc"], "2.0");
    EXPECT_NE(json.contains("result"), json.contains("error"));
    return json;
  }

  int64_t ErrorOf(std::string_view request) {
    const auto answer = Ask(request);
    const auto* error = answer.if_contains("error");
    return error == nullptr ? 0 : error->at("code").as_int64();
  }

  std::string MessageOf(std::string_view request) {
    const auto answer = Ask(request);
    const auto* error = answer.if_contains("error");
    return error == nullptr ? "" : std::string(error->at("message").as_string());
  }

  testing::FakeBackend backend_;
  Peer peer_{"0", 17, true};
};

TEST_F(TheProtocol, LetsOnlyThePrivilegedSteer) {
  const std::string release =
      R"({"jsonrpc":"2.0","id":1,"method":"plugins.release","params":{"instance":"bad"}})";
  peer_ = {"1000", 18, false};
  EXPECT_EQ(ErrorOf(release), -32003);
  EXPECT_EQ(backend_.refused, "plugins.release bad 1000");
  EXPECT_EQ(backend_.released, "");
  peer_ = {"0", 17, true};
  EXPECT_TRUE(Ask(release).contains("result"));
  EXPECT_EQ(backend_.released, "0");
}

TEST_F(TheProtocol, SaysWhyAnInstanceCannotBeSteered) {
  const auto release = [](const std::string& params) {
    return R"({"jsonrpc":"2.0","id":1,"method":"plugins.release","params":)" + params + "}";
  };
  EXPECT_EQ(MessageOf(release(R"({"instance":"gone"})")), "there is no instance 'gone'");
  EXPECT_EQ(ErrorOf(release(R"({"instance":"gone"})")), -32602);
  EXPECT_EQ(ErrorOf(release(R"({"instance":"other"})")), -32004);
  EXPECT_EQ(ErrorOf(release(R"({"instance":"untrusted"})")), -32004);
  for (const char* params : {"{}", "[]", "[\"bad\"]", R"({"instance":7})", R"({"name":"bad"})",
                             R"({"instance":"bad","now":true})"}) {
    EXPECT_EQ(ErrorOf(release(params)), -32602) << params;
    EXPECT_THAT(MessageOf(release(params)), HasSubstr("takes one parameter")) << params;
  }
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"plugins.release"})"), -32602);
}

TEST_F(TheProtocol, KnowsEachWayToSteer) {
  for (const std::string verb : {"enable", "disable", "reload"}) {
    const std::string method = R"({"jsonrpc":"2.0","id":1,"method":"plugins.)" + verb;
    EXPECT_TRUE(Ask(method + R"(","params":{"instance":"bad"}})").contains("result")) << verb;
    EXPECT_EQ(backend_.steered, verb + " bad");
  }
}

TEST_F(TheProtocol, TracesWithAPlaceToGoOnAt) {
  const auto trace = [](const std::string& params) {
    return R"({"jsonrpc":"2.0","id":1,"method":"plugins.trace","params":)" + params + "}";
  };
  const auto answer = Ask(trace(R"({"instance":"bad","after":20})"));
  EXPECT_EQ(answer.at("result").at("next"), 25);
  EXPECT_EQ(answer.at("result").at("lost"), 4);
  EXPECT_EQ(answer.at("result").at("calls").at(0).at("call"), "on_event");
  EXPECT_EQ(Ask(trace(R"({"instance":"bad"})")).at("result").at("next"), 5);
  EXPECT_EQ(ErrorOf(trace(R"({"instance":"gone"})")), -32602);
  for (const char* params : {"{}", R"({"after":1})", R"({"instance":"bad","after":-1})",
                             R"({"instance":"bad","after":1.5})", R"({"instance":"bad","a":1})"}) {
    EXPECT_THAT(MessageOf(trace(params)), HasSubstr("takes the text \"instance\"")) << params;
  }
  peer_ = {"1000", 18, false};
  EXPECT_EQ(ErrorOf(trace(R"({"instance":"bad"})")), -32003);
}

TEST_F(TheProtocol, AnswersWithTheResultUnderTheRequestsId) {
  const auto answer = Ask(R"({"jsonrpc":"2.0","id":7,"method":"status"})");
  EXPECT_EQ(answer.at("id"), 7);
  EXPECT_EQ(answer.at("result").at("version"), "1.2.3");
  EXPECT_EQ(answer.at("result").at("log").at("last_seq"), 4711);
}

TEST_F(TheProtocol, KnowsSessions) {
  const auto answer = Ask(R"({"jsonrpc":"2.0","id":1,"method":"sessions"})");
  EXPECT_EQ(answer.at("result").at("sessions").as_array().size(), 2U);
}

TEST_F(TheProtocol, TakesStringsIntegersAndNullAsIds) {
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":"a\nb","method":"status"})").at("id"), "a\nb");
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":-3,"method":"status"})").at("id"), -3);
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"status"})").at("id"),
            18446744073709551615U);
  const auto null = Ask(R"({"jsonrpc":"2.0","id":null,"method":"status"})");
  EXPECT_TRUE(null.at("id").is_null());
  EXPECT_TRUE(null.contains("result"));
}

TEST_F(TheProtocol, TakesEmptyParameters) {
  EXPECT_TRUE(Ask(R"({"jsonrpc":"2.0","id":1,"method":"status","params":{}})").contains("result"));
  EXPECT_TRUE(Ask(R"({"jsonrpc":"2.0","id":1,"method":"status","params":[]})").contains("result"));
}

TEST_F(TheProtocol, TakesAnEventThatDidNotHappen) {
  const auto emit = [](const std::string& params) {
    return R"({"jsonrpc":"2.0","id":1,"method":"emit","params":)" + params + "}";
  };
  const std::string whole =
      R"({"type":"session.locked","session":"2","reason":"a try","details":{"via":"console"}})";
  EXPECT_TRUE(Ask(emit(whole)).contains("result"));
  EXPECT_EQ(backend_.emitted, (Emission{"session.locked", "2", "a try", {{"via", "console"}}}));
  EXPECT_EQ(ToJson(backend_.emitted), boost::json::parse(whole));
  EXPECT_EQ(ErrorOf(emit(R"({"type":"session.locked","session":"9"})")), -32003);
  for (const std::string& params :
       {std::string("{}"), std::string("[]"), std::string(R"({"type":7})"),
        std::string(R"({"type":"a","seq":1})"), std::string(R"({"type":"a","details":[]})"),
        std::string(R"({"type":"a","details":{"k":1}})"),
        std::string(R"({"type":"a","details":{"K ":"v"}})"),
        R"({"type":"a","reason":")" + std::string(1025, 'x') + "\"}"}) {
    EXPECT_EQ(ErrorOf(emit(params)), -32602) << params;
  }
  peer_ = {"1000", 18, false};
  EXPECT_EQ(ErrorOf(emit(whole)), -32003);
}

TEST_F(TheProtocol, SteersAgents) {
  const auto ask = [](const std::string& verb, const std::string& params) {
    return R"({"jsonrpc":"2.0","id":1,"method":"agents.)" + verb + R"(","params":)" + params + "}";
  };
  EXPECT_EQ(boost::json::serialize(Ask(ask("stop", R"({"agent":"tray"})")).at("result")),
            R"({"instances":["agents","office"]})");
  EXPECT_EQ(backend_.steered, "agents.stop tray  ");
  Ask(ask("reset", R"({"agent":"tray","session":"2"})"));
  EXPECT_EQ(backend_.steered, "agents.reset tray 2 ");
  Ask(ask("reset", R"({"instance":"office","agent":"tray","session":"2"})"));
  EXPECT_EQ(backend_.steered, "agents.reset tray 2 office");
  EXPECT_EQ(ErrorOf(ask("start", R"({"agent":"gone"})")), -32602);
  for (const std::string& params :
       {std::string("{}"), std::string("[]"), std::string(R"({"agent":7})"),
        std::string(R"({"agent":"tray","session":7})"),
        std::string(R"({"agent":"tray","session":""})"),
        std::string(R"({"agent":"tray","instance":""})"), std::string(R"({"session":"2"})"),
        std::string(R"({"agent":"a","all":true})"),
        R"({"agent":")" + std::string(257, 'x') + "\"}"}) {
    EXPECT_EQ(ErrorOf(ask("restart", params)), -32602) << params;
  }
  peer_ = {"1000", 18, false};
  EXPECT_EQ(ErrorOf(ask("stop", R"({"agent":"tray"})")), -32003);
  EXPECT_EQ(backend_.refused, "agents.stop tray 1000");
  EXPECT_TRUE(Ask(R"({"jsonrpc":"2.0","id":1,"method":"agents"})").contains("result"));
}

TEST_F(TheProtocol, RefusesParametersThatThereAreNot) {
  const char* named = R"({"jsonrpc":"2.0","id":1,"method":"status","params":{"verbose":true}})";
  EXPECT_EQ(ErrorOf(named), -32602);
  EXPECT_THAT(MessageOf(named), HasSubstr("\"status\" has no parameter \"verbose\""));
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"status","params":[1]})"), -32602);
}

TEST_F(TheProtocol, ListsTheMethodsWhenItDoesNotKnowOne) {
  const char* request = R"({"jsonrpc":"2.0","id":1,"method":"reboot"})";
  EXPECT_EQ(ErrorOf(request), -32601);
  EXPECT_EQ(MessageOf(request),
            "there is no method \"reboot\"; known are agents, agents.reset, agents.restart, "
            "agents.start, agents.stop, emit, plugins, plugins.disable, plugins.enable, "
            "plugins.release, plugins.reload, plugins.trace, reload, sessions, status");
}

TEST_F(TheProtocol, DoesNotRepeatAnEndlessMethodName) {
  const std::string request =
      R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(60'000, 'x') + "\"}";
  EXPECT_LT(MessageOf(request).size(), 300U);
}

TEST_F(TheProtocol, NeverAnswersANotification) {
  EXPECT_FALSE(AnswerRequest(R"({"jsonrpc":"2.0","method":"status"})", backend_, peer_));
  EXPECT_FALSE(AnswerRequest(R"({"jsonrpc":"2.0","method":"plugins"})", backend_, peer_));
  EXPECT_FALSE(AnswerRequest(R"({"jsonrpc":"2.0","method":"reboot"})", backend_, peer_));
  EXPECT_FALSE(
      AnswerRequest(R"({"jsonrpc":"2.0","method":"status","params":[1]})", backend_, peer_));
}

TEST_F(TheProtocol, SaysThatTheBrokerFailedWhenItThrows) {
  const char* request = R"({"jsonrpc":"2.0","id":1,"method":"plugins"})";
  EXPECT_EQ(ErrorOf(request), -32603);
  EXPECT_THAT(MessageOf(request), HasSubstr("the registry is on fire"));
}

TEST_F(TheProtocol, RefusesBatches) {
  const char* batch = R"([{"jsonrpc":"2.0","id":1,"method":"status"}])";
  EXPECT_EQ(ErrorOf(batch), -32600);
  EXPECT_THAT(MessageOf(batch), HasSubstr("one request a line"));
  EXPECT_EQ(ErrorOf("[]"), -32600);
}

TEST_F(TheProtocol, PassesOverOtherMembers) {
  EXPECT_TRUE(
      Ask(R"({"jsonrpc":"2.0","id":1,"method":"status","trace":[1,2]})").contains("result"));
}

TEST_F(TheProtocol, NamesTheRequestEvenIfTheRestIsWrong) {
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":9,"method":4})").at("id"), 9);
  EXPECT_EQ(Ask(R"({"jsonrpc":"1.0","id":9,"method":"status"})").at("id"), 9);
}

TEST_F(TheProtocol, TakesSixteenLevelsOfNestingAndNotOneMore) {
  const auto nested = [](size_t levels) {
    return R"({"jsonrpc":"2.0","id":1,"method":"status","x":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(Ask(nested(15)).contains("result"));
  EXPECT_EQ(ErrorOf(nested(16)), -32700);
  EXPECT_THAT(MessageOf(nested(30'000)), HasSubstr("nested more than 16 levels deep"));
}

TEST_F(TheProtocol, KeepsItsErrorLinesOnOneLine) {
  const std::string line = ErrorLine(RpcError::kTooLong, "first\nsecond");
  EXPECT_EQ(line, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"first\nsecond"}})"
                  "\n");
}

struct BadLine {
  const char* text;
  int64_t code;
};

class ALineThatIsNoRequest : public TheProtocol, public ::testing::WithParamInterface<BadLine> {};

TEST_P(ALineThatIsNoRequest, IsAnErrorWithTheIdNull) {
  const auto answer = Ask(GetParam().text);
  ASSERT_TRUE(answer.contains("error"));
  EXPECT_EQ(answer.at("error").at("code"), GetParam().code) << GetParam().text;
  EXPECT_FALSE(answer.at("error").at("message").as_string().empty());
  EXPECT_TRUE(answer.at("id").is_null());
}

INSTANTIATE_TEST_SUITE_P(
    NotJson, ALineThatIsNoRequest,
    ::testing::Values(BadLine{"", -32700}, BadLine{"hello", -32700}, BadLine{"{", -32700},
                      BadLine{"GET / HTTP/1.1", -32700}, BadLine{"{\"jsonrpc\":\"2.0\"", -32700},
                      BadLine{"{'jsonrpc':'2.0'}", -32700}, BadLine{"{} {}", -32700},
                      BadLine{"{\"a\":\"\xff\xfe\"}", -32700}, BadLine{"\"\\ud800\"", -32700},
                      BadLine{"{\"id\":1,}", -32700}, BadLine{"\x01\x02\x7f", -32700},
                      BadLine{"// {}", -32700}, BadLine{"NaN", -32700}));

INSTANTIATE_TEST_SUITE_P(
    NotARequest, ALineThatIsNoRequest,
    ::testing::Values(BadLine{"1", -32600}, BadLine{"null", -32600}, BadLine{"\"status\"", -32600},
                      BadLine{"{}", -32600}, BadLine{R"({"method":"status"})", -32600},
                      BadLine{R"({"jsonrpc":2.0,"method":"status"})", -32600},
                      BadLine{R"({"jsonrpc":"2.0"})", -32600},
                      BadLine{R"({"jsonrpc":"2.0","method":null})", -32600},
                      BadLine{R"({"jsonrpc":"2.0","method":"status","id":[]})", -32600},
                      BadLine{R"({"jsonrpc":"2.0","method":"status","id":1.5})", -32600},
                      BadLine{R"({"jsonrpc":"2.0","method":"status","id":true})", -32600},
                      BadLine{R"({"jsonrpc":"2.0","method":"status","params":1})", -32600},
                      BadLine{R"({"jsonrpc":"2.0","method":"status","params":null})", -32600}));

TEST_F(TheProtocol, TakesNoByteOfANulForTheEndOfTheLine) {
  const std::string line = std::string(R"({"jsonrpc":"2.0","id":1,"method":"status"})") + '\0';
  EXPECT_EQ(ErrorOf(line), -32700);
}

}  // namespace
}  // namespace broker
