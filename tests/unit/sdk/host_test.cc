#include "usher/cpp/host.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "usher/testing.hpp"

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using usher::testing::FakeHost;
using usher::testing::UserSession;

/// The Error that `function` throws; a failure of the test if it throws none.
template <class Function>
usher::Error ErrorOf(Function function) {
  try {
    function();
  } catch (const usher::Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return usher::Error("");
}

TEST(AHost, SaysWhenToStop) {
  FakeHost fake;
  EXPECT_FALSE(usher::Host(fake.raw()).ShouldStop());
  fake.should_stop = true;
  EXPECT_TRUE(usher::Host(fake.raw()).ShouldStop());
}

TEST(Logging, PassesSeverityAndText) {
  FakeHost fake;
  const usher::Host host(fake.raw());
  host.LogDebug("one");
  host.LogInfo(std::string_view("two and more").substr(0, 3));
  host.LogWarning("three");
  host.LogError("four");
  EXPECT_THAT(fake.Logs(),
              ElementsAre(Pair(USHER_LOG_DEBUG, "one"), Pair(USHER_LOG_INFO, "two"),
                          Pair(USHER_LOG_WARNING, "three"), Pair(USHER_LOG_ERROR, "four")));
}

TEST(Logging, DoesNothingWhereTheBrokerHasNoLog) {
  FakeHost fake;
  fake.missing_extensions = {USHER_EXT_LOG};
  usher::Host(fake.raw()).LogError("lost");
  EXPECT_TRUE(fake.Logs().empty());
}

TEST(Subscribing, PassesNamesOfTypesAndOfOtherPluginsTypes) {
  FakeHost fake;
  usher::Host(fake.raw()).Subscribe(usher::EventType::kSessionLogon, "org.example.coffee");
  EXPECT_THAT(fake.Subscribed(), ElementsAre("session.logon", "org.example.coffee"));
}

TEST(Subscribing, ThrowsWhenTheBrokerRefuses) {
  FakeHost fake;
  fake.Fail("subscribe", USHER_INVALID_ARGUMENT);
  const auto error =
      ErrorOf([&] { usher::Host(fake.raw()).Subscribe(usher::EventType::kSystemResumed); });
  EXPECT_EQ(error.status(), USHER_INVALID_ARGUMENT);
  EXPECT_THAT(error.what(), HasSubstr("subscribing"));
}

TEST(TheConfiguration, ReadsValuesOfEveryType) {
  FakeHost fake;
  fake.config = {{"file", std::string("/x")},
                 {"limits.count", int64_t{3}},
                 {"ratio", 0.5},
                 {"loud", true},
                 {"users", std::vector<std::string>{"anna", "bert"}},
                 {"nobody", std::vector<std::string>{}}};
  const usher::Config config = usher::Host(fake.raw()).Config();
  EXPECT_EQ(config.GetString("file"), "/x");
  EXPECT_EQ(config.GetInteger("limits.count"), 3);
  EXPECT_EQ(config.GetNumber("ratio"), 0.5);
  EXPECT_EQ(config.GetBoolean("loud"), true);
  EXPECT_THAT(config.GetStrings("users").value(), ElementsAre("anna", "bert"));
  EXPECT_TRUE(config.GetStrings("nobody").value().empty());
}

TEST(TheConfiguration, AnswersNothingForAnAbsentKey) {
  FakeHost fake;
  const usher::Config config = usher::Host(fake.raw()).Config();
  EXPECT_FALSE(config.GetString("a"));
  EXPECT_FALSE(config.GetInteger("a"));
  EXPECT_FALSE(config.GetNumber("a"));
  EXPECT_FALSE(config.GetBoolean("a"));
  EXPECT_FALSE(config.GetStrings("a"));
}

TEST(AConfigurationValueThatIsRefused, IsNamedAlsoToABrokerThatTakesNoErrors) {
  FakeHost fake;
  usher::Host(fake.raw()).Config().Fail("file", "must be there");
  EXPECT_THAT(fake.ConfigErrors(), ElementsAre("file: must be there"));
  const void* known = fake.raw()->get_extension(fake.raw(), USHER_EXT_CONFIG);
  usher_ext_config older = *static_cast<const usher_ext_config*>(known);
  older.size = offsetof(usher_ext_config, config_error);
  const usher::Config config(fake.raw(), older);
  EXPECT_STREQ(ErrorOf([&] { config.Fail("file", "must be there"); }).what(),
               "configuration key \"file\": must be there");
}

TEST(AConfigurationValueOfAnotherType, IsNamedInTheException) {
  FakeHost fake;
  fake.config = {{"file", int64_t{3}}, {"count", std::string("three")}};
  const usher::Config config = usher::Host(fake.raw()).Config();
  const auto error = ErrorOf([&] { (void)config.GetString("file"); });
  EXPECT_EQ(error.status(), USHER_WRONG_TYPE);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("\"file\""), HasSubstr("must be a string")));
  EXPECT_THAT(ErrorOf([&] { (void)config.GetInteger("count"); }).what(),
              HasSubstr("must be an integer"));
  EXPECT_THAT(ErrorOf([&] { (void)config.GetBoolean("count"); }).what(),
              HasSubstr("must be true or false"));
  EXPECT_THAT(ErrorOf([&] { (void)config.GetStrings("count"); }).what(),
              HasSubstr("must be an array of strings"));
}

TEST(AnExtensionTheBrokerLacks, IsAnErrorThatNamesIt) {
  FakeHost fake;
  fake.missing_extensions = {USHER_EXT_CONFIG, USHER_EXT_STORAGE, USHER_EXT_SESSIONS};
  const usher::Host host(fake.raw());
  const auto error = ErrorOf([&] { (void)host.Config(); });
  EXPECT_EQ(error.status(), USHER_NOT_PERMITTED);
  EXPECT_THAT(error.what(), HasSubstr(USHER_EXT_CONFIG));
  EXPECT_THAT(ErrorOf([&] { (void)host.Storage(); }).what(), HasSubstr(USHER_EXT_STORAGE));
  EXPECT_THAT(ErrorOf([&] { host.VisitSessions([](const usher::Snapshot&) {}); }).what(),
              HasSubstr(USHER_EXT_SESSIONS));
  EXPECT_EQ(host.Find<usher_ext_config>(USHER_EXT_CONFIG), nullptr);
}

TEST(TheStorage, KeepsBytesOfAnyLength) {
  FakeHost fake;
  const usher::Storage storage = usher::Host(fake.raw()).Storage();
  const std::string binary("a\0b", 3);
  const std::string large(100'000, 'x');
  storage.Put("binary", binary);
  storage.Put("large", large);
  storage.Put("empty", "");
  EXPECT_EQ(storage.Get("binary"), binary);
  EXPECT_EQ(storage.Get("large"), large);
  EXPECT_EQ(storage.Get("empty"), "");
  EXPECT_EQ(storage.Get("absent"), std::nullopt);
}

TEST(TheStorage, ForgetsWhatIsRemoved) {
  FakeHost fake;
  const usher::Storage storage = usher::Host(fake.raw()).Storage();
  storage.Put("key", "value");
  storage.Remove("key");
  storage.Remove("key");
  EXPECT_EQ(storage.Get("key"), std::nullopt);
}

TEST(AStorageFailure, CarriesTheBrokersStatusAndText) {
  FakeHost fake;
  fake.Fail("storage", USHER_IO, "the disk is on fire");
  const usher::Storage storage = usher::Host(fake.raw()).Storage();
  const auto error = ErrorOf([&] { storage.Put("key", "value"); });
  EXPECT_EQ(error.status(), USHER_IO);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("\"key\""), HasSubstr("the disk is on fire")));
  EXPECT_EQ(ErrorOf([&] { (void)storage.Get("key"); }).status(), USHER_IO);
  EXPECT_EQ(ErrorOf([&] { storage.Remove("key"); }).status(), USHER_IO);
}

TEST(AStorageFailure, WithoutATextSaysWhatItsStatusMeans) {
  FakeHost fake;
  fake.Fail("storage", USHER_LIMIT);
  const usher::Storage storage = usher::Host(fake.raw()).Storage();
  EXPECT_THAT(ErrorOf([&] { storage.Put("key", "v"); }).what(), HasSubstr("a limit is reached"));
}

TEST(VisitingTheSessions, HandsOutASnapshot) {
  FakeHost fake;
  fake.sessions = {UserSession("anna")};
  std::string user;
  usher::Host(fake.raw()).VisitSessions([&user](const usher::Snapshot& snapshot) {
    user = snapshot.sessions()[0].user();
  });
  EXPECT_EQ(user, "anna");
}

TEST(VisitingTheSessions, TakesAnExceptionAroundTheC) {
  FakeHost fake;
  EXPECT_THROW(usher::Host(fake.raw()).VisitSessions([](const usher::Snapshot&) {
    throw std::out_of_range("mine");
  }),
               std::out_of_range);
}

TEST(VisitingTheSessions, ThrowsWhenTheBrokerRefuses) {
  FakeHost fake;
  fake.Fail("sessions", USHER_STOPPED);
  const auto error =
      ErrorOf([&] { usher::Host(fake.raw()).VisitSessions([](const usher::Snapshot&) {}); });
  EXPECT_EQ(error.status(), USHER_STOPPED);
}

}  // namespace
