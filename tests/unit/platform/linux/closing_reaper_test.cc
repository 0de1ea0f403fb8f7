#include "platform/linux/closing_reaper.h"

#include <gtest/gtest.h>

#include <map>

namespace broker {
namespace {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const noexcept override { return {0, now_us}; }
  int64_t now_us = 1'000'000'000;
};

/// What is known of each session's scope; of the others nothing is.
class Scopes final : public LoginMonitor {
 public:
  [[nodiscard]] PollWish Wish() const override { return {}; }
  void Flush() override {}
  [[nodiscard]] std::optional<SessionState> StateOf(const std::string&) override { return {}; }
  [[nodiscard]] std::optional<bool> HasProcesses(const Session& session) override {
    ++looks;
    const auto found = populated.find(std::string(session.Id()));
    return found == populated.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, bool> populated;
  int looks = 0;
};

class AClosingReaper : public ::testing::Test {
 protected:
  static PropertyMap Facts(const std::string& state, uint64_t created_us = 1) {
    return {{"Name", std::string("alice")}, {"State", state}, {"TimestampMonotonic", created_us}};
  }

  std::vector<RawEvent> LookAfter(int seconds) {
    clock_.now_us += seconds * 1'000'000LL;
    return reaper_.Look(view_, scopes_);
  }

  SetClock clock_;
  Scopes scopes_;
  LogindView view_;
  ClosingReaper reaper_{clock_};
};

TEST_F(AClosingReaper, BuriesWhatHasBeenEmptyForHalfAMinute) {
  ASSERT_TRUE(view_.SessionRead("1", Facts("closing")));
  scopes_.populated["1"] = false;
  EXPECT_TRUE(LookAfter(0).empty());
  EXPECT_TRUE(LookAfter(29).empty());
  EXPECT_TRUE(LookAfter(1).empty()) << "it looks every five seconds";
  const std::vector<RawEvent> reports = LookAfter(4);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].kind, RawKind::kSessionStuck);
  EXPECT_EQ(reports[0].session.Id(), "1");
  EXPECT_EQ(reports[0].reason, "stuck in closing");
  EXPECT_TRUE(LookAfter(60).empty());
}

TEST_F(AClosingReaper, CountsAnewOnceSomethingRunsAgain) {
  ASSERT_TRUE(view_.SessionRead("1", Facts("closing")));
  scopes_.populated["1"] = false;
  EXPECT_TRUE(LookAfter(0).empty());
  scopes_.populated["1"] = true;
  EXPECT_TRUE(LookAfter(20).empty());
  scopes_.populated["1"] = false;
  EXPECT_TRUE(LookAfter(5).empty());
  EXPECT_TRUE(LookAfter(25).empty());
  EXPECT_EQ(LookAfter(5).size(), 1U);
}

TEST_F(AClosingReaper, LeavesAloneWhatItKnowsNothingOf) {
  ASSERT_TRUE(view_.SessionRead("1", Facts("closing")));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(LookAfter(30).empty());
}

TEST_F(AClosingReaper, LooksAtClosingSessionsOnlyAndOnlyNowAndThen) {
  ASSERT_TRUE(view_.SessionRead("1", Facts("active")));
  EXPECT_EQ(reaper_.DueMs(view_), -1);
  EXPECT_TRUE(LookAfter(60).empty());
  EXPECT_EQ(scopes_.looks, 0);
  ASSERT_TRUE(view_.SessionRead("2", Facts("closing")));
  EXPECT_EQ(reaper_.DueMs(view_), 5000);
  EXPECT_TRUE(LookAfter(5).empty());
  EXPECT_EQ(scopes_.looks, 1);
  EXPECT_TRUE(LookAfter(4).empty());
  EXPECT_EQ(scopes_.looks, 1);
  EXPECT_EQ(reaper_.DueMs(view_), 1000);
}

}  // namespace
}  // namespace broker
