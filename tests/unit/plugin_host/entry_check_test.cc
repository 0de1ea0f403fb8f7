#include "plugin_host/entry_check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin_host/host_services/extensions.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const usher_plugin* CreateNothing(const usher_host*, usher_error*) {
  return nullptr;
}

/// An entry that is right until a test makes it wrong.
class AnEntry : public ::testing::Test {
 protected:
  AnEntry() {
    entry_.size = sizeof entry_;
    entry_.abi_version = USHER_ABI_VERSION;
    entry_.descriptor = &descriptor_;
    entry_.create = CreateNothing;
    descriptor_.size = sizeof descriptor_;
    descriptor_.id = "org.example.entry";
    descriptor_.name = "An entry";
    descriptor_.version = "1.2";
  }

  [[nodiscard]] std::string Refusal() const {
    const auto info = ReadEntry(entry_, ExtensionIds());
    return info.ok() ? "accepted" : info.status().message();
  }

  void SetTypes(std::array<const char*, 2> types) {
    types_ = types;
    descriptor_.event_types = types_.data();
    descriptor_.event_type_count = 2;
  }

  std::array<const char*, 2> types_{};
  usher_plugin_descriptor descriptor_ = {};
  usher_plugin_entry_t entry_ = {};
};

TEST_F(AnEntry, ThatIsRightIsCopied) {
  SetTypes({"session.logon", "org.example.own"});
  const auto info = ReadEntry(entry_, ExtensionIds());
  ASSERT_TRUE(info.ok()) << info.status().message();
  EXPECT_EQ(info.value().id, "org.example.entry");
  EXPECT_EQ(info.value().name, "An entry");
  EXPECT_EQ(info.value().version, "1.2");
  EXPECT_THAT(info.value().event_types, ElementsAre("session.logon", "org.example.own"));
}

TEST_F(AnEntry, OfALaterBrokersSdkWithMoreMembersIsAccepted) {
  entry_.size += 64;
  descriptor_.size += 64;
  EXPECT_EQ(Refusal(), "accepted");
}

TEST_F(AnEntry, OfAnotherAbiSaysBothVersions) {
  entry_.abi_version = (7U << 16U) | 3U;
  EXPECT_THAT(Refusal(), HasSubstr("was built for plugin ABI 7.3, this broker takes 0.2 to 0.x"));
}

TEST_F(AnEntry, ThatIsAFunctionIsNotTakenForAnotherVersion) {
  entry_.size = 0xFA1E0FF3;  // How a function may begin: endbr64.
  entry_.abi_version = 0x12345678;
  EXPECT_THAT(Refusal(), HasSubstr("it must be a structure, not a function"));
}

TEST_F(AnEntry, WithMoreNamesThanThereIsRoomForIsRefused) {
  const std::vector<const char*> many(257, "session.logon");
  descriptor_.event_types = many.data();
  descriptor_.event_type_count = 256;
  EXPECT_EQ(Refusal(), "accepted");
  descriptor_.event_type_count = 257;
  EXPECT_THAT(Refusal(), HasSubstr("names 257 entries as event type"));
}

TEST_F(AnEntry, OfAnyNumbersIsAnAnswer) {
  std::mt19937 random(3);
  const std::array<uint32_t, 8> numbers = {0, 1, 8, 40, 64, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
  const auto number = [&] { return numbers.at(random() % numbers.size()); };
  std::array<const char*, 2> names = {"session.logon", nullptr};
  int accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    usher_plugin_descriptor descriptor = descriptor_;
    usher_plugin_entry_t entry = entry_;
    entry.descriptor = &descriptor;
    // One or two members lie: never so that memory that is there would not be, which cannot be
    // seen.
    for (int lies = 1 + static_cast<int>(random() % 2); lies > 0; --lies) {
      switch (random() % 6) {
        case 0:
          entry.size = std::min<uint32_t>(number(), sizeof entry);
          break;
        case 1:
          entry.abi_version = number();
          break;
        case 2:
          descriptor.size = std::min<uint32_t>(number(), sizeof descriptor);
          break;
        case 3:
          descriptor.flags = number();
          break;
        case 4:
          descriptor.event_type_count = number();
          break;
        default:
          descriptor.required_extension_count = number();
          break;
      }
    }
    if (random() % 2 == 0 && descriptor.event_type_count <= 1)
      descriptor.event_types = names.data();
    accepted += ReadEntry(entry, ExtensionIds()).ok() ? 1 : 0;
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 5000);
}

TEST_F(AnEntry, IsNotReadBeyondItsSize) {
  entry_.size = offsetof(usher_plugin_entry_t, abi_version);
  entry_.abi_version = 99;
  EXPECT_THAT(Refusal(), HasSubstr("says that its entry has 4 bytes"));
  entry_.abi_version = USHER_ABI_VERSION;
  entry_.size = offsetof(usher_plugin_entry_t, create);
  EXPECT_THAT(Refusal(), HasSubstr("says that its entry has"));
}

TEST_F(AnEntry, HasADescriptorOfFullSizeAndACreate) {
  descriptor_.size = 8;
  EXPECT_THAT(Refusal(), HasSubstr("says that its descriptor has 8 bytes"));
  entry_.descriptor = nullptr;
  EXPECT_THAT(Refusal(), HasSubstr("has no descriptor"));
  entry_.descriptor = &descriptor_;
  descriptor_.size = sizeof descriptor_;
  entry_.create = nullptr;
  EXPECT_THAT(Refusal(), HasSubstr("has no create function"));
}

TEST_F(AnEntry, HasAReverseDomainId) {
  for (const char* id : {"plain", ".org.x", "org..x", "org.x.", "org/x.y", "org.x y", "../../x"}) {
    descriptor_.id = id;
    EXPECT_THAT(Refusal(), HasSubstr("which is no reverse domain name")) << id;
  }
  for (const char* id : {static_cast<const char*>(nullptr), ""}) {
    descriptor_.id = id;
    EXPECT_THAT(Refusal(), HasSubstr("has no id in its descriptor"));
  }
}

TEST_F(AnEntry, HasBoundedNamesOfUtf8) {
  const std::string endless(1000, 'x');
  descriptor_.name = endless.c_str();
  EXPECT_THAT(Refusal(), HasSubstr("a text as name that does not end within 128 bytes"));
  descriptor_.name = "caf\xe9";
  EXPECT_THAT(Refusal(), HasSubstr("a text as name that is not UTF-8: 'caf\\xE9'"));
  descriptor_.name = "café";
  descriptor_.version = nullptr;
  EXPECT_THAT(Refusal(), HasSubstr("has no version"));
}

TEST_F(AnEntry, NamesDottedEventTypes) {
  SetTypes({"session.logon", "session logon"});
  EXPECT_THAT(Refusal(), HasSubstr("'session logon', which is not a dotted name"));
  SetTypes({"session.logon", nullptr});
  EXPECT_THAT(Refusal(), HasSubstr("has no event type in its descriptor"));
  descriptor_.event_types = nullptr;
  EXPECT_THAT(Refusal(), HasSubstr("counts entries as event type in its descriptor but has none"));
  descriptor_.event_type_count = 0xFFFFFFFF;
  EXPECT_THAT(Refusal(), HasSubstr("at most 256 are allowed"));
}

TEST_F(AnEntry, MayAskForOwnEventsButForNothingUnknown) {
  EXPECT_FALSE(ReadEntry(entry_, ExtensionIds()).value().wants_own_events);
  descriptor_.flags = USHER_PLUGIN_WANTS_OWN_EVENTS;
  EXPECT_TRUE(ReadEntry(entry_, ExtensionIds()).value().wants_own_events);
  descriptor_.flags = USHER_PLUGIN_WANTS_OWN_EVENTS | 64U;
  EXPECT_THAT(Refusal(), HasSubstr("that this broker does not know, 64"));
}

TEST_F(AnEntry, RequiresOnlyExtensionsThereAre) {
  std::array<const char*, 2> required{USHER_EXT_STORAGE, "usher.none/1"};
  descriptor_.required_extensions = required.data();
  descriptor_.required_extension_count = 1;
  EXPECT_EQ(Refusal(), "accepted");
  descriptor_.required_extension_count = 2;
  EXPECT_THAT(
      Refusal(),
      HasSubstr("requires the extension 'usher.none/1', which this broker does "
                "not have; it has usher.config/1, usher.emit/1, usher.launch/1, "
                "usher.log/1, usher.run/1, usher.session/1, usher.sessions/1, usher.storage/1, "
                "usher.thread-check/1, usher.timer/1"));
}

TEST_F(AnEntry, MayKnowOptionalExtensionsThatThereAreNot) {
  std::array<const char*, 2> optional{USHER_EXT_TIMER, "usher.none/1"};
  descriptor_.optional_extensions = optional.data();
  descriptor_.optional_extension_count = 2;
  descriptor_.check_config = [](const usher_host*, usher_error*) { return USHER_OK; };
  const auto info = ReadEntry(entry_, ExtensionIds());
  ASSERT_TRUE(info.ok()) << info.status().message();
  EXPECT_THAT(info.value().optional_extensions, ElementsAre(USHER_EXT_TIMER, "usher.none/1"));
  EXPECT_TRUE(info.value().checks_config);
  optional[1] = "";
  EXPECT_THAT(Refusal(), HasSubstr("has no optional extension in its descriptor"));
}

TEST_F(AnEntry, OfAnOlderVersionIsReadNoFurtherThanItsSize) {
  entry_.abi_version = USHER_ABI_OLDEST;
  descriptor_.size = offsetof(usher_plugin_descriptor, optional_extensions);
  descriptor_.optional_extension_count = 1000;
  descriptor_.check_config = [](const usher_host*, usher_error*) { return USHER_OK; };
  const auto info = ReadEntry(entry_, ExtensionIds());
  ASSERT_TRUE(info.ok()) << info.status().message();
  EXPECT_FALSE(info.value().checks_config);
  entry_.abi_version = USHER_ABI_OLDEST - 1;
  EXPECT_THAT(Refusal(), HasSubstr("was built for plugin ABI 0.1, this broker takes 0.2 to 0.x"));
}

TEST_F(AnEntry, OfANewerVersionIsReadAsFarAsItIsKnown) {
  entry_.abi_version = USHER_ABI_VERSION + 7;
  entry_.size += 64;
  descriptor_.size += 64;
  EXPECT_EQ(Refusal(), "accepted");
}

TEST(APlugin, NeedsInitAndDestroyOnly) {
  usher_plugin plugin = {};
  plugin.size = sizeof plugin;
  EXPECT_THAT(CheckPlugin(plugin).message(), HasSubstr("without an init function"));
  plugin.init = [](const usher_plugin*, usher_error*) { return USHER_OK; };
  EXPECT_THAT(CheckPlugin(plugin).message(), HasSubstr("without a destroy function"));
  plugin.destroy = [](const usher_plugin*) {};
  EXPECT_TRUE(CheckPlugin(plugin).ok());
  plugin.size = 8;
  EXPECT_THAT(CheckPlugin(plugin).message(), HasSubstr("says that its plugin has 8 bytes"));
}

}  // namespace
}  // namespace broker
