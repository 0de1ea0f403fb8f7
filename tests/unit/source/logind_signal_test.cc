#include "source/logind_signal.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

const std::string kSessionPath = "/org/freedesktop/login1/session/_311";
const std::string kManager = "org.freedesktop.login1.Manager";

BusSignal OfManager(std::string member, std::vector<std::string> texts) {
  return {"/org/freedesktop/login1", kManager, std::move(member), std::move(texts), false, {}, {}};
}

BusSignal OfOwner(std::vector<std::string> texts) {
  return {"/org/freedesktop/DBus",
          "org.freedesktop.DBus",
          "NameOwnerChanged",
          std::move(texts),
          false,
          {},
          {}};
}

BusSignal OfProperties(std::string path, std::string interface) {
  return {std::move(path),
          "org.freedesktop.DBus.Properties",
          "PropertiesChanged",
          {std::move(interface)},
          false,
          {{"Active", true}},
          {}};
}

TEST(SessionNew, CarriesIdAndPath) {
  const auto signal = DecodeSignal(OfManager("SessionNew", {"11", kSessionPath}));
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->says, LogindSays::kSessionNew);
  EXPECT_EQ(signal->name, "11");
  EXPECT_EQ(signal->path, kSessionPath);
}

TEST(SessionNew, WithoutItsArgumentsIsPassedOver) {
  EXPECT_FALSE(DecodeSignal(OfManager("SessionNew", {"11"})));
  EXPECT_FALSE(DecodeSignal(OfManager("SessionRemoved", {})));
}

TEST(SignalsOfUsersComing, ArePassedOver) {
  EXPECT_FALSE(DecodeSignal(OfManager("UserNew", {"/a", "/b"})));
}

TEST(PropertiesChanged, OfASessionIsFoundByItsPath) {
  const auto signal = DecodeSignal(OfProperties(kSessionPath, "org.freedesktop.login1.Session"));
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->says, LogindSays::kSessionChanged);
  EXPECT_EQ(signal->name, "11");
  EXPECT_EQ(signal->changed.count("Active"), 1U);
}

TEST(PropertiesChanged, WithoutTheValuesAsksForReadingThem) {
  BusSignal outdated = OfProperties(kSessionPath, "org.freedesktop.login1.Session");
  outdated.invalidated = {"Display"};
  const auto signal = DecodeSignal(outdated);
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->says, LogindSays::kSessionOutdated);
  EXPECT_EQ(signal->path, kSessionPath);
}

TEST(PropertiesChanged, OfUsersAndTheManagerIsPassedOver) {
  EXPECT_FALSE(DecodeSignal(
      OfProperties("/org/freedesktop/login1/user/_2001", "org.freedesktop.login1.User")));
  EXPECT_FALSE(DecodeSignal(OfProperties("/org/freedesktop/login1", kManager)));
}

TEST(TheOwnerOfLogindsName, TellsWhetherItIsThere) {
  EXPECT_EQ(DecodeSignal(OfOwner({"org.freedesktop.login1", ":1.2", ""}))->says, LogindSays::kGone);
  EXPECT_EQ(DecodeSignal(OfOwner({"org.freedesktop.login1", "", ":1.4"}))->says, LogindSays::kBack);
  EXPECT_FALSE(DecodeSignal(OfOwner({"org.example.other", "", ":1.4"})));
  EXPECT_FALSE(DecodeSignal(OfOwner({"org.freedesktop.login1"})));
}

TEST(PrepareForShutdown, IsAlsoSaidOnceItIsCalledOff) {
  BusSignal signal = OfManager("PrepareForShutdown", {});
  EXPECT_EQ(DecodeSignal(signal)->says, LogindSays::kStaysUp);
  signal.flag = true;
  EXPECT_EQ(DecodeSignal(signal)->says, LogindSays::kShuttingDown);
}

TEST(ASeat, ComesAndGoes) {
  const auto come = DecodeSignal(OfManager("SeatNew", {"seat1", "/path"}));
  ASSERT_TRUE(come);
  EXPECT_EQ(come->says, LogindSays::kSeatNew);
  EXPECT_EQ(come->name, "seat1");
  EXPECT_EQ(come->path, "/path");
  EXPECT_EQ(DecodeSignal(OfManager("SeatRemoved", {"seat1", "/path"}))->says,
            LogindSays::kSeatRemoved);
}

}  // namespace
}  // namespace broker
