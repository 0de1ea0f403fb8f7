#include "presence_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/src.hpp>

namespace {

using presence::Logon;
using presence::Presence;
using presence::ToJson;

Logon Anna() {
  Logon logon;
  logon.id = "3";
  logon.key = "boot-3-17";
  logon.user = "anna";
  logon.user_id = "1000";
  logon.session_class = "user";
  logon.type = "wayland";
  logon.seat = "seat0";
  logon.tty = "tty2";
  logon.logon_time_us = 1'772'352'900'000'001;
  logon.at = presence::Attachment::kConsole;
  logon.locked = usher::Locked::kUnknown;
  return logon;
}

TEST(ThePresenceJson, HasEveryMember) {
  const auto json = boost::json::parse(ToJson({42, 1'772'353'000'000'000, {Anna()}}, true));
  EXPECT_EQ(json, boost::json::parse(R"({
    "live": true, "as_of_seq": 42, "time": "2026-03-01T08:16:40.000000Z",
    "anybody_logged_on": true, "anybody_at_the_machine": true,
    "sessions": [{
      "user": "anna", "user_id": "1000", "since": "2026-03-01T08:15:00.000001Z",
      "at": "console", "locked": "unknown", "at_the_machine": true,
      "id": "3", "key": "boot-3-17", "class": "user", "type": "wayland",
      "seat": "seat0", "tty": "tty2", "display": "", "remote_host": ""}]})"));
}

TEST(ThePresenceJson, OfNobodyIsComplete) {
  EXPECT_EQ(ToJson({}, false),
            "{\n"
            "  \"live\": false,\n"
            "  \"as_of_seq\": 0,\n"
            "  \"time\": \"1970-01-01T00:00:00.000000Z\",\n"
            "  \"anybody_logged_on\": false,\n"
            "  \"anybody_at_the_machine\": false,\n"
            "  \"sessions\": []\n"
            "}\n");
}

TEST(ThePresenceJson, PutsEachSessionOnALine) {
  const std::string json = ToJson({1, 1, {Anna(), Anna()}}, true);
  EXPECT_THAT(json, testing::HasSubstr("\"sessions\": [\n    {\"user\": \"anna\""));
  EXPECT_THAT(json, testing::HasSubstr("},\n    {\"user\""));
  EXPECT_EQ(boost::json::parse(json).at("sessions").as_array().size(), 2U);
}

TEST(ThePresenceJson, KeepsAnyUserNameAsItIs) {
  for (const std::string& name : {std::string("a\"b\\c/d"), std::string("two\nlines\r\t"),
                                  std::string("\x01\x1f\x7f\x1b[31m"),
                                  std::string("M\xC3\xBCller \xE6\x9D\x8E \xF0\x9F\x8E\x89"),
                                  std::string("a\0b", 3), std::string(10'000, '"')}) {
    Logon logon = Anna();
    logon.user = name;
    const auto json = boost::json::parse(ToJson({1, 1, {logon}}, true));
    EXPECT_EQ(json.at("sessions").at(0).at("user").as_string(), name);
  }
}

TEST(ThePresenceJson, SaysNullWhereTheLogonTimeIsNotKnown) {
  Logon logon = Anna();
  logon.logon_time_us = 0;
  const auto json = boost::json::parse(ToJson({1, 1, {logon}}, true));
  EXPECT_TRUE(json.at("sessions").at(0).at("since").is_null());
}

}  // namespace
