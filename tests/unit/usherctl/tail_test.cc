#include "usherctl/tail.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>

#include "eventlog/segments.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/usherctl/tail_fixture.h"
#include "tests/unit/usherctl/written_log.h"

namespace broker {
namespace {

using ::testing::HasSubstr;
using testing::Joined;
using testing::Lines;
using ::testing::Not;
using testing::Tail;
using testing::WrittenLog;

TEST_F(Tail, ShowsTheLastTenEventsUnderTheirDay) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 15);
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_THAT(Out(), ::testing::StartsWith(
                         "2026-05-04 UTC\n"
                         "08:00:12.123456  session.logon         alice       session 6    "
                         "seat0 tty2\n"));
  EXPECT_THAT(Out(), HasSubstr("session 15   seat0 tty2\n"));
  EXPECT_EQ(Lines(Out()), 11);
  EXPECT_EQ(Err(), "");
}

TEST_F(Tail, ShowsAsManyAsItIsAsked) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 15);
  options_.json = true;
  for (const auto& [last, shown] : {std::pair<std::optional<uint64_t>, int>{3, 3},
                                    {0, 0},
                                    {100, 15},
                                    {std::nullopt, 15},
                                    {std::numeric_limits<uint64_t>::max(), 15}}) {
    options_.last = last;
    captured_.out.str("");
    EXPECT_EQ(Run(), kExitDone);
    EXPECT_EQ(Lines(Out()), shown);
  }
}

TEST_F(Tail, PrintsTheLinesAsTheyAreStored) {
  const auto lines = WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  options_.json = true;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), Joined(lines));
}

TEST_F(Tail, NamesTheDayWhereItChanges) {
  constexpr int64_t kDay = 86'400'000'000;
  std::vector<Event> events;
  for (const int64_t day : {0, 0, 1, 1, 0}) {
    events.push_back(
        MakeBrokerEvent(EventType::kBrokerStarted, {testing::kMorning + day * kDay, 0}));
  }
  WrittenLog(*files_, directory_.path()).Append(std::move(events));
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Lines(Out()), 5 + 3);
  EXPECT_THAT(Out(), HasSubstr("\n2026-05-05 UTC\n"));
}

TEST_F(Tail, ReadsAcrossSegments) {
  WrittenLog log(*files_, directory_.path(), 1000);
  for (int id = 1; id <= 50; ++id) log.AppendLogons(id, 1);
  options_.last = 40;
  options_.json = true;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Lines(Out()), 40);
  EXPECT_EQ(Err(), "");
}

TEST_F(Tail, CountsOnlyWhatMatches) {
  WrittenLog log(*files_, directory_.path(), 20'000);
  log.AppendLogons(1, 500);
  log.Append({MakeBrokerEvent(EventType::kBrokerStopping, {testing::kMorning, 0})});
  log.Append({MakeBrokerEvent(EventType::kBrokerStarted, {testing::kMorning, 0})});
  for (int id = 501; id < 1000; id += 20) log.AppendLogons(id, 20);
  options_.filter.types = {"broker.*"};
  for (const auto& [last, shown] : {std::pair<uint64_t, int>{1, 1}, {2, 2}, {3, 2}}) {
    options_.last = last;
    captured_.out.str("");
    EXPECT_EQ(Run(), kExitDone);
    EXPECT_EQ(Lines(Out()), shown + 1) << last;
    EXPECT_THAT(Out(), HasSubstr("broker.started"));
  }
  options_.filter = {{"session.*"}, {"7"}, {"alice"}};
  captured_.out.str("");
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Lines(Out()), 2);
  EXPECT_THAT(Out(), HasSubstr("session 7 "));
}

TEST_F(Tail, ShowsNothingWhenNothingMatches) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 15);
  options_.filter.users = {"bob"};
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), "");
}

TEST_F(Tail, ShowsNothingOfAnEmptyLog) {
  const WrittenLog log(*files_, directory_.path());
  EXPECT_EQ(Run(), kExitDone);
  options_.filter.users = {"alice"};
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out() + Err(), "");
}

TEST_F(Tail, GoesOnBehindADamagedLineAndSaysSoOnce) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  std::string content;
  {
    std::ifstream in(Segment(), std::ios::binary);
    content.assign(std::istreambuf_iterator<char>(in), {});
  }
  content[content.find("\"id\":\"3\"") + 6] = '9';
  std::ofstream(Segment(), std::ios::binary) << content;
  options_.filter.types = {"session.*"};
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Lines(Out()), 1 + 4);
  EXPECT_EQ(Lines(Err()), 1);
  EXPECT_THAT(Err(), HasSubstr(".jsonl:4: "));
  EXPECT_THAT(Err(), HasSubstr("passed over"));
}

TEST_F(Tail, ShowsATimeOnly) {
  constexpr int64_t kMinute = 60'000'000;
  std::vector<Event> events;
  for (const int minute : {0, 1, 2, 3, 4, 1, 2}) {
    const Timestamp time{testing::kMorning + minute * kMinute, 0};
    events.push_back(MakeBrokerEvent(EventType::kBrokerStarted, time));
  }
  const auto lines = WrittenLog(*files_, directory_.path()).Append(std::move(events));
  options_.json = true;
  options_.last.reset();
  options_.since_us = testing::kMorning + kMinute;
  options_.until_us = testing::kMorning + 2 * kMinute;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), Joined({lines[1], lines[2], lines[5], lines[6]}));
  options_.last = 3;
  captured_.out.str("");
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), Joined({lines[2], lines[5], lines[6]}));
}

TEST_F(Tail, GoesOnBehindACursor) {
  const auto lines = WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  options_.json = true;
  options_.after = 3;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), Joined({lines[3], lines[4]}));
}

TEST_F(Tail, SaysWhatRetentionTookOfWhatIsBehindTheCursor) {
  WrittenLog log(*files_, directory_.path(), 1);
  std::vector<std::string> lines;
  for (int i = 1; i <= 5; ++i) lines.push_back(log.AppendLogons(i, 1).front());
  for (const Seq seq : {1, 2}) std::filesystem::remove(PathIn(directory_.path(), SegmentName(seq)));
  options_.json = true;
  for (const Seq after : {0, 1, 2}) {
    options_.after = after;
    captured_.out.str("");
    captured_.err.str("");
    EXPECT_EQ(Run(), kExitDone);
    EXPECT_EQ(Out(), Joined({lines[2], lines[3], lines[4]}));
    const char* const gone[] = {"events 1 to 2 are missing in the log: retention has removed",
                                "event 2 is missing in the log: retention has removed", ""};
    EXPECT_THAT(Err(), HasSubstr(gone[after]));
    EXPECT_EQ(Err().empty(), after == 2);
  }
}

TEST_F(Tail, SaysWhichEventsAreNoLongerInTheLog) {
  WrittenLog log(*files_, directory_.path(), 1);
  for (int i = 1; i <= 6; ++i) log.AppendLogons(i, 1);
  for (const Seq seq : {2, 4, 5}) {
    std::filesystem::remove(PathIn(directory_.path(), SegmentName(seq)));
  }
  for (const bool show_cursor : {false, true}) {
    options_.show_cursor = show_cursor;
    captured_.err.str("");
    EXPECT_EQ(Run(), kExitDone);
    EXPECT_EQ(Err(),
              "usherctl: event 2 is no longer in the log\n"
              "usherctl: events 4 to 5 are no longer in the log\n");
  }
}

TEST_F(Tail, SaysInTheEndHowFarItWent) {
  WrittenLog log(*files_, directory_.path());
  const auto lines = log.AppendLogons(1, 5);
  options_.json = true;
  options_.show_cursor = true;
  options_.last = 1;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), lines[4] + "\n-- cursor: 5\n");
  // What was looked at counts, although it was not shown.
  for (const uint64_t last : {0, 10}) {
    options_.last = last;
    options_.filter.users = {"bob"};
    captured_.out.str("");
    EXPECT_EQ(Run(), kExitDone);
    EXPECT_EQ(Out(), "-- cursor: 5\n");
  }
}

TEST_F(Tail, DoesNotSayThatItWentBeyondTheTimeItWasToEndAt) {
  std::vector<Event> events;
  for (const int64_t second : {0, 1, 2}) {
    const Timestamp time{testing::kMorning + second * 1'000'000, 0};
    events.push_back(MakeBrokerEvent(EventType::kBrokerStarted, time));
  }
  const auto lines = WrittenLog(*files_, directory_.path()).Append(std::move(events));
  options_.json = true;
  options_.show_cursor = true;
  options_.until_us = testing::kMorning + 1'000'000;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), Joined({lines[0], lines[1], "-- cursor: 2"}));
  options_.after = 2;
  captured_.out.str("");
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), "-- cursor: 2\n");
}

TEST_F(Tail, SaysThatALogEndsBeforeTheCursor) {
  WrittenLog log(*files_, directory_.path());
  log.AppendLogons(1, 5);
  options_.show_cursor = true;
  options_.after = 6;
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_EQ(Out(), "");
  EXPECT_THAT(Err(), HasSubstr("there is no event 6 in '" + directory_.path() +
                               "', which ends with 5: the log was begun anew"));
  options_.after = 5;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), "-- cursor: 5\n");
}

TEST_F(Tail, SaysOfAnEmptyLogThatItWentNowhere) {
  const WrittenLog log(*files_, directory_.path());
  options_.show_cursor = true;
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), "-- cursor: 0\n");
}

TEST_F(Tail, EndsWhereAPluginDoes) {
  const auto lines = WrittenLog(*files_, directory_.path()).AppendLogons(1, 8);
  options_.json = true;
  options_.show_cursor = true;
  options_.last = 2;
  options_.follow_plugin = "hooks";
  options_.cursors_directory = directory_.path();
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(Err(), HasSubstr("no instance 'hooks' has a cursor in "));
  std::ofstream(directory_ / "hooks") << "5\n";
  EXPECT_EQ(Run(), kExitDone);
  EXPECT_EQ(Out(), Joined({lines[3], lines[4], "-- cursor: 5"}));
}

TEST_F(Tail, SaysThatThereIsNoLog) {
  EXPECT_EQ(Run(), kExitFailed);
  options_.follow = true;
  EXPECT_EQ(Run(), kExitFailed);
  options_.directory = directory_ / "none";
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_EQ(Lines(Err()), 3);
  EXPECT_THAT(Err(), HasSubstr("there is no event log in " + directory_.path()));
}

/// A reader who may not read the folder.
class TailWithoutRights : public Tail {
 protected:
  /// What is said; it must end as not permitted.
  std::string RunWithoutRights() {
    std::filesystem::permissions(directory_.path(), geteuid() == 0 ? std::filesystem::perms(0700)
                                                                   : std::filesystem::perms(0));
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      constexpr uid_t kNobody = 65534;
      if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(125);
      const int code = Run();
      const std::string text = Err();
      _exit(write(ends[1], text.data(), text.size()) < 0 ? 124 : code);
    }
    close(ends[1]);
    std::string said(1000, '\0');
    const ssize_t count = read(ends[0], said.data(), said.size());
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0700));
    EXPECT_EQ(WEXITSTATUS(status), kExitNotPermitted);
    said.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
    return said;
  }
};

TEST_F(TailWithoutRights, SaysWhatItNeeds) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 1);
  EXPECT_THAT(RunWithoutRights(), HasSubstr("needs root or the group usher"));
}

TEST_F(TailWithoutRights, DoesNotSendWhoMayNotSeeHowFarAPluginIsToTheLogsGroup) {
  options_.follow_plugin = "hooks";
  options_.cursors_directory = directory_.path();
  EXPECT_THAT(RunWithoutRights(), AllOf(HasSubstr("'" + directory_.path() + "/hooks'"),
                                        HasSubstr("which needs root"), Not(HasSubstr("group"))));
}

TEST_F(Tail, EndsQuietlyWhenNobodyReadsOn) {
  WrittenLog(*files_, directory_.path()).AppendLogons(1, 5);
  testing::BrokenBuffer buffer(EPIPE);
  std::ostream out(&buffer);
  Streams streams{out, captured_.err, false};
  options_.follow = true;
  EXPECT_EQ(RunTail(options_, *files_, streams, [] { return false; }), kExitDone);
  EXPECT_EQ(Err(), "");
}

}  // namespace
}  // namespace broker
