#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"
#include "tests/unit/eventlog/full_session.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

SegmentHeader FullHeader() {
  SegmentHeader header;
  header.major = kLogFormatMajor;
  header.minor = kLogFormatMinor;
  header.log_id = "00112233445566778899aabbccddeeff";
  header.machine_id = "m";
  header.boot_id = "b";
  header.first_seq = 4097;
  header.created_us = 1'795'200'513'000'000;
  header.sessions.sessions = {std::make_shared<Session>(FullSession())};
  header.sessions.seats = {{"seat0", "c1"}, {"seat1", ""}};
  header.sessions.as_of = 4096;
  return header;
}

TEST(AHeader, IsOneLineWithItsMembersInOrder) {
  std::string line;
  EncodeHeader(line, FullHeader());
  EXPECT_EQ(line,
            R"({"format":"1.0","log":"00112233445566778899aabbccddeeff","machine":"m","boot":"b",)"
            R"("first_seq":4097,"created":"2026-11-20T18:48:33.000000Z",)"
            R"("seats":{"seat0":"c1","seat1":""},"sessions":[{"id":"c1","key":"b-c1-5",)"
            R"("user":"ada","user_id":"1000","class":"user","type":"x11","seat":"seat0",)"
            R"("tty":"tty2","display":":0","remote_host":"host.example","remote":true,)"
            R"("active":true,"state":"closing","locked":"unknown","created_us":5,)"
            R"("logon_time":"2026-11-20T18:48:33.123456Z"}],"sum":"6603864de8d1b13c"})");
}

TEST(AHeader, ComesBackWithEveryField) {
  const SegmentHeader header = FullHeader();
  std::string line;
  EncodeHeader(line, header);
  const auto decoded = DecodeHeader(line);
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_EQ(decoded->major, header.major);
  EXPECT_EQ(decoded->minor, header.minor);
  EXPECT_EQ(decoded->log_id, header.log_id);
  EXPECT_EQ(decoded->machine_id, header.machine_id);
  EXPECT_EQ(decoded->boot_id, header.boot_id);
  EXPECT_EQ(decoded->first_seq, header.first_seq);
  EXPECT_EQ(decoded->created_us, header.created_us);
  EXPECT_EQ(decoded->sessions.as_of, 4096U);
  EXPECT_EQ(decoded->sessions.seats, header.sessions.seats);
  ASSERT_EQ(decoded->sessions.sessions.size(), 1U);
  EXPECT_EQ(*decoded->sessions.sessions[0], FullSession());
}

TEST(AHeader, LeavesOutSessionsThatDoNotFitAndStaysValid) {
  SegmentHeader header = FullHeader();
  SessionFacts large = FullSession().Facts();
  large.user = std::string(16'000, '\x01');
  header.sessions.sessions.assign(1000, std::make_shared<Session>(large));
  std::string line;
  EncodeHeader(line, header);
  EXPECT_LE(line.size(), kMaxHeaderBytes);
  const auto decoded = DecodeHeader(line);
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_GT(decoded->sessions.sessions.size(), 100U);
  EXPECT_LT(decoded->sessions.sessions.size(), 1000U);
}

/// The line that begins so, closed with its right checksum.
std::string WithSum(const std::string& start) {
  std::string line = start;
  line.append(kSumOpening);
  AppendHex64(line, LineSum(start));
  line.append(kSumClosing);
  return line;
}

TEST(AHeader, OfAHigherMinorVersionIsRead) {
  const auto header = DecodeHeader(WithSum(R"({"format":"1.77","first_seq":5,"moon":"full")"));
  ASSERT_TRUE(header.ok()) << header.status().message();
  EXPECT_EQ(header->minor, 77U);
}

TEST(AHeader, OfAHigherMajorVersionIsRefusedAsSuch) {
  const auto header = DecodeHeader(WithSum(R"({"format":"2.0")"));
  ASSERT_FALSE(header.ok());
  EXPECT_EQ(header.status().code(), StatusCode::kInvalid);
  EXPECT_THAT(header.status().message(), HasSubstr("2.0"));
  EXPECT_THAT(header.status().message(), HasSubstr("newer"));
}

TEST(AHeader, IsNotBelievedWithoutItsChecksum) {
  const auto header = DecodeHeader(R"({"format":"2.0","first_seq":5,"sum":"0000000000000000"})");
  ASSERT_FALSE(header.ok());
  EXPECT_EQ(header.status().code(), StatusCode::kCorrupt);
}

TEST(AHeader, WithoutAVersionIsNone) {
  for (const char* format : {"", R"("format":"1",)", R"("format":"1.",)", R"("format":"1.0.0",)",
                             R"("format":1.0,)", R"("format":"-1.0",)"}) {
    const auto header = DecodeHeader(WithSum("{" + std::string(format) + R"("first_seq":5)"));
    ASSERT_FALSE(header.ok()) << format;
    EXPECT_EQ(header.status().code(), StatusCode::kCorrupt) << format;
  }
}

}  // namespace
}  // namespace broker
