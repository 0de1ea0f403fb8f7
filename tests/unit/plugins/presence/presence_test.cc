#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/support/raw_views.h"
#include "tests/support/temp_directory.h"
#include "usher/testing.hpp"

namespace {

namespace fs = std::filesystem;
using broker::testing::EmptyEvent;
using broker::testing::FakeSnapshot;
using broker::testing::UserSession;
using testing::HasSubstr;
using usher::testing::Driver;
using usher::testing::FakeHost;

class ThePresencePlugin : public testing::Test {
 protected:
  ThePresencePlugin() { host_.config["file"] = file_; }

  usher_event LockEvent(uint64_t seq) {
    session_.locked = USHER_LOCKED_YES;
    usher_event event = EmptyEvent(USHER_EVENT_SESSION_LOCKED, "session.locked", seq);
    event.session = &session_;
    return event;
  }

  [[nodiscard]] boost::json::value Read() const {
    std::ifstream stream(file_);
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }

  void ExpectRefused(usher_status status, const std::string& text) {
    Driver plugin(host_);
    const auto result = plugin.Init();
    EXPECT_EQ(result.status, status);
    EXPECT_THAT(result.text, HasSubstr(text));
  }

  const broker::testing::TempDirectory folder_;
  const std::string file_ = folder_ / "presence.json";
  usher_session session_ = UserSession("boot-3-17", "anna");
  FakeHost host_;
};

TEST_F(ThePresencePlugin, KeepsTheFileFromTheSnapshotToTheStop) {
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  EXPECT_FALSE(fs::exists(file_)) << "nothing is known yet";

  ASSERT_EQ(plugin.Snapshot(FakeSnapshot(10, {session_}).raw()).status, USHER_OK);
  EXPECT_EQ(Read().at("live"), true);
  EXPECT_EQ(Read().at("as_of_seq"), 10);
  EXPECT_EQ(Read().at("anybody_at_the_machine"), true);

  ASSERT_EQ(plugin.Deliver(LockEvent(11)).status, USHER_OK);
  EXPECT_EQ(Read().at("as_of_seq"), 11);
  EXPECT_EQ(Read().at("anybody_at_the_machine"), false);
  EXPECT_EQ(Read().at("sessions").at(0).at("locked"), "yes");

  plugin.Stop();
  EXPECT_EQ(Read().at("live"), false);
  EXPECT_EQ(Read().at("anybody_logged_on"), true);
}

TEST_F(ThePresencePlugin, WritesOnlyWhenSomethingChanged) {
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  ASSERT_EQ(plugin.Snapshot(FakeSnapshot(10, {session_}).raw()).status, USHER_OK);
  ASSERT_EQ(plugin.Deliver(LockEvent(11)).status, USHER_OK);
  fs::remove(file_);
  ASSERT_EQ(plugin.Deliver(LockEvent(12)).status, USHER_OK);
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(ThePresencePlugin, TellsOfAFailedWriteAndTriesAgainAtTheNextEvent) {
  host_.config["file"] = folder_ / "later/presence.json";
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  const auto result = plugin.Snapshot(FakeSnapshot(10, {session_}).raw());
  EXPECT_EQ(result.status, USHER_IO);
  EXPECT_THAT(result.text, HasSubstr("later/presence.json"));

  fs::create_directory(folder_ / "later");
  const usher_event other = EmptyEvent(USHER_EVENT_CONSOLE_SWITCHED, "console.switched", 11);
  EXPECT_EQ(plugin.Deliver(other).status, USHER_OK);
  EXPECT_TRUE(fs::exists(folder_ / "later/presence.json"));
}

TEST_F(ThePresencePlugin, LogsAFailedWriteAtTheStop) {
  host_.config["file"] = folder_ / "missing/presence.json";
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  plugin.Stop();
  EXPECT_THAT(host_.Logs(), testing::Contains(testing::Pair(USHER_LOG_ERROR,
                                                            HasSubstr("missing/presence.json"))));
}

TEST_F(ThePresencePlugin, GivesTheFileTheModeAskedFor) {
  host_.config["mode"] = int64_t{0640};
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  ASSERT_EQ(plugin.Snapshot(FakeSnapshot(10, {}).raw()).status, USHER_OK);
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0640));
}

TEST_F(ThePresencePlugin, RefusesToStartWithoutAFile) {
  host_.config.erase("file");
  ExpectRefused(USHER_INVALID_ARGUMENT, "key \"file\" is missing");
}

TEST_F(ThePresencePlugin, RefusesAPathThatIsNotAbsoluteOrNoFile) {
  for (const char* path : {"presence.json", "", "/run/usher/"}) {
    host_.config["file"] = std::string(path);
    ExpectRefused(USHER_INVALID_ARGUMENT, "must be the absolute path of a file");
  }
}

TEST_F(ThePresencePlugin, RefusesAModeThatIsNone) {
  for (const int64_t mode : {int64_t{-1}, int64_t{01000}, int64_t{644}}) {
    host_.config["mode"] = mode;
    ExpectRefused(USHER_INVALID_ARGUMENT, "write it in octal");
  }
  host_.config["mode"] = std::string("0644");
  ExpectRefused(USHER_WRONG_TYPE, "\"mode\": must be an integer");
}

}  // namespace
