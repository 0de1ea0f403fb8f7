#include "platform/linux/login_record.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

constexpr const char* kRecord =
    "# This is private data. Do not parse.\nUID=2001\nUSER=alice\nACTIVE=1\nSTATE=active\n"
    "SCOPE=session-7.scope\nLEADER=32\nREALTIME=1\nMONOTONIC=100\n";

class TheRecordOfASession : public ::testing::Test {
 protected:
  TheRecordOfASession() {
    facts_.id = "7";
    facts_.user_id = "2001";
    facts_.created_us = 100;
  }
  void Write(const std::string& text) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/7") << text;
  }
  Result<LoginRecord> Read() { return ReadLoginRecord(folder_, Session(facts_)); }

  testing::TempDirectory directory_;
  const std::string folder_ = directory_ / "sessions";
  SessionFacts facts_;
};

TEST_F(TheRecordOfASession, SaysItsScopeAndLeader) {
  Write(kRecord);
  const auto record = Read();
  ASSERT_TRUE(record.ok()) << record.status().message();
  EXPECT_EQ(record.value().scope, "session-7.scope");
  EXPECT_EQ(record.value().leader, 32);
}

TEST_F(TheRecordOfASession, IsNotThereOnceItIsOver) {
  Write(kRecord);
  facts_.id = "8";
  EXPECT_EQ(Read().status().code(), StatusCode::kNotFound);
}

TEST_F(TheRecordOfASession, ThatIsClosingIsThatOfOneThatIsOver) {
  Write(std::string(kRecord) + "STATE=closing\n");
  EXPECT_EQ(Read().status().code(), StatusCode::kNotFound);
}

TEST_F(TheRecordOfASession, OfTheSameIdButAnotherTimeOrUserIsAnothers) {
  Write(kRecord);
  facts_.created_us = 99;
  EXPECT_EQ(Read().status().code(), StatusCode::kNotFound);
  facts_.created_us = 100;
  facts_.user_id = "2002";
  EXPECT_EQ(Read().status().code(), StatusCode::kNotFound);
}

TEST_F(TheRecordOfASession, IsEmptyWhereNobodyKeepsAny) {
  const auto record = Read();
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record.value().scope, "");
}

}  // namespace
}  // namespace broker
