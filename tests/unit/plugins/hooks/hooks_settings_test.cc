// What the hooks plugin refuses in its configuration.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <usher/testing.hpp>

#include "config_reader.h"

namespace {

using ::testing::HasSubstr;

/// What is wrong with one key of a hook, or of all of them.
struct Mistake {
  const char* key;
  usher::testing::FakeHost::Value value;
  const char* told;
};

class AMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(AMistake, IsToldWithItsKey) {
  usher::testing::FakeHost host;
  host.Configure("hook.0.program", "/bin/one");
  host.Configure("hook.0.on", {"session.*"});
  host.config[GetParam().key] = GetParam().value;
  usher::testing::Driver driver(host);
  const auto result = driver.Start();
  EXPECT_FALSE(result);
  EXPECT_THAT(result.text, HasSubstr(GetParam().key));
  EXPECT_THAT(result.text, HasSubstr(GetParam().told));
}

using Texts = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(
    InTheConfiguration, AMistake,
    ::testing::Values(
        Mistake{"hook.0.program", std::string("one"), "must be an absolute path; it is \"one\""},
        Mistake{"hook.0.program", std::string(), "must be there"},
        Mistake{"hook.0.program", int64_t{1}, "must be a text"},
        Mistake{"hook.0.on", Texts{"session.logon", "sesion.*"}, "matches; types are as in"},
        Mistake{"hook.0.on", Texts{}, "must be a list of types"},
        Mistake{"hook.0.timeout", std::string("10"), "must be a time from 100 ms to 24 h"},
        Mistake{"hook.0.timeout", std::string("25 h"), "must be a time from 100 ms to 24 h"},
        Mistake{"hook.0.retry_wait", std::string("soon"), "must be a time from 100 ms to 1 h"},
        Mistake{"hook.0.run_as", std::string("anna"), "one of \"root\", \"session_user\""},
        Mistake{"hook.0.on_failure", std::string("panic"),
                "one of \"ignore\", \"retry\", \"stop\""},
        Mistake{"hook.0.via", std::string("ssh"), "one of \"console\", \"remote\""},
        Mistake{"hook.0.users", Texts{"nobody-has-this-name"}, "there is no user"},
        Mistake{"hook.0.groups", Texts{"nobody-has-this-name"}, "there is no group"},
        Mistake{"hook.0.retries", int64_t{0}, "must be from 1 to 100; it is 0"},
        Mistake{"hook.0.output", int64_t{-1}, "must be from 0 to 65536; it is -1"},
        Mistake{"hook.0.colour", true, "the plugin knows no such key"},
        Mistake{"concurrency", int64_t{17}, "must be from 1 to 16; it is 17"},
        Mistake{"order", std::string("random"), "one of \"sequential\", \"parallel\""},
        Mistake{"hook", std::string("x"), "must be tables, one for each hook"}));

TEST(ATime, HasAUnit) {
  using plugins::ParseTime;
  EXPECT_EQ(ParseTime("250 ms"), std::chrono::milliseconds(250));
  EXPECT_EQ(ParseTime("10s"), std::chrono::seconds(10));
  EXPECT_EQ(ParseTime("2 h"), std::chrono::hours(2));
  for (const char* const text :
       {"", "10", "s", "-1 s", "1.5 s", "10  s", "10 s ", "99999999999 s"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

}  // namespace
