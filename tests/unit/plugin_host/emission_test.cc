#include "plugin_host/host_services/emission.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::HasSubstr;

class AnEmission : public ::testing::Test {
 protected:
  usher_status Read(const char* type, const std::vector<usher_detail>& details = {}) {
    std::vector<const usher_detail*> pointers;
    for (const usher_detail& detail : details) pointers.push_back(&detail);
    return ReadEmission({"me", "org.example.test"}, type, pointers.data(),
                        static_cast<uint32_t>(pointers.size()), event_, why_);
  }

  Event event_;
  std::string why_;
};

TEST_F(AnEmission, IsAnEventOfThePlugins) {
  EXPECT_EQ(Read("org.example.test.tea.ready", {{"cups", "2"}, {"kind", "gr\xFFn"}}), USHER_OK);
  EXPECT_EQ(event_.TypeName(), "org.example.test.tea.ready");
  EXPECT_EQ(event_.origin, Origin::kPlugin);
  EXPECT_EQ(
      event_.details,
      (Details{
          {"instance", "me"}, {"id", "org.example.test"}, {"cups", "2"}, {"kind", "gr\\xFFn"}}));
}

TEST_F(AnEmission, SpeaksInThePluginsOwnNameOnly) {
  for (const char* type :
       {"session.logon", "org.example.test", "org.example.test.", "org.example.testing.done",
        "org.example.test..x", "org.example.test.a b", "org.example.other.done", ""}) {
    EXPECT_EQ(Read(type), USHER_INVALID_ARGUMENT) << type;
    EXPECT_THAT(why_, HasSubstr("as 'org.example.test.done' does; it is '" + std::string(type)));
  }
  EXPECT_EQ(Read(nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Read(("org.example.test." + std::string(200, 'x')).c_str()), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(event_.details, Details());
}

TEST_F(AnEmission, TrustsNoDetail) {
  constexpr const char* kType = "org.example.test.x";
  EXPECT_EQ(Read(kType, {{nullptr, "v"}}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Read(kType, {{"", "v"}}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Read(kType, {{"Key", "v"}}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Read(kType, {{"key", nullptr}}), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Read(kType, {{"instance", "other"}}), USHER_INVALID_ARGUMENT);
  EXPECT_THAT(why_, HasSubstr("'instance' and 'id' are the broker's"));
  EXPECT_EQ(Read(kType, {{"a", "1"}, {"a", "2"}}), USHER_INVALID_ARGUMENT);
  const std::string large(USHER_EMIT_MAX_VALUE + 1, 'x');
  EXPECT_EQ(Read(kType, {{"key", large.c_str()}}), USHER_LIMIT);
  EXPECT_EQ(Read(kType, {{"key", large.c_str() + 1}}), USHER_OK);
  EXPECT_EQ(Read(kType, std::vector<usher_detail>(33)), USHER_LIMIT);
  const usher_detail* const none[] = {nullptr};
  EXPECT_EQ(ReadEmission({"me", "org.example.test"}, kType, none, 1, event_, why_),
            USHER_INVALID_ARGUMENT);
  EXPECT_EQ(ReadEmission({"me", "org.example.test"}, kType, nullptr, 1, event_, why_),
            USHER_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace broker
