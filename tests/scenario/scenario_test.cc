#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "replay/replayer.h"
#include "session/normalizer.h"
#include "session/transitions.h"
#include "tests/scenario/played_day.h"

namespace broker::scenario {
namespace {

std::string PathOf(const std::string& name) {
  if (name == "day") return USHER_DEMO_DAY;
  return USHER_SCENARIOS "/scenarios/" + name + ".toml";
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Holds `events` against the golden file, or writes it if the environment says so.
void ExpectGolden(const std::string& name, const std::vector<Event>& events) {
  const std::string path = USHER_SCENARIOS "/golden/" + name + ".txt";
  const std::string told = Describe(events);
  if (std::getenv("USHER_WRITE_GOLDEN") != nullptr) std::ofstream(path) << told;
  EXPECT_EQ(told, ReadText(path)) << "USHER_WRITE_GOLDEN=1 in the environment rewrites " << path;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, YieldsItsGoldenEvents) {
  ExpectGolden(GetParam(), Play(PathOf(GetParam())).events);
}

TEST_P(Scenario, YieldsOnlyLegalEvents) {
  std::map<std::string, SessionRef> sessions;
  for (const Event& event : Play(PathOf(GetParam())).events) {
    const SessionRef& about = event.session ? event.session : event.before;
    if (!about || event.type == EventType::kConsoleSwitched) continue;
    SessionRef& known = sessions[std::string(about->Key())];
    EXPECT_TRUE(IsLegal(PhaseOf(known.get()), event.type)) << event.TypeName();
    known = event.session;
  }
}

/// What a replay of `recorded`, the log of a broker that saw all of it, comes to.
std::vector<Event> Replayed(const std::vector<Event>& recorded, const std::string& boot_id) {
  Replayer replayer({}, boot_id, recorded.front().time);
  SessionTable table;
  Normalizer normalizer(table, boot_id, "replay", {.recorded = true});
  std::vector<Event> events;
  for (const Event& event : recorded) {
    StoredEvent stored;
    stored.event = event;
    stored.boot_id = boot_id;
    replayer.GoTo(stored);
    std::vector<RawEvent> reports;
    replayer.Replay(event, reports);
    for (const RawEvent& report : reports) normalizer.Normalize(report, events);
  }
  return events;
}

std::string BootOf(const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (event.session)
      return std::string(event.session->Key().substr(0, event.session->Key().find('-')));
  }
  return {};
}

void ExpectSame(const SessionRef& replayed, const SessionRef& recorded) {
  ASSERT_EQ(replayed == nullptr, recorded == nullptr);
  if (recorded != nullptr) {
    EXPECT_EQ(*replayed, *recorded);
  }
}

TEST_P(Scenario, YieldsTheSameEventsWhenItsLogIsReplayed) {
  const std::vector<Event> recorded = Play(PathOf(GetParam())).events;
  const std::vector<Event> replayed = Replayed(recorded, BootOf(recorded));
  ASSERT_EQ(replayed.size(), recorded.size()) << Describe(replayed);
  for (size_t i = 0; i < recorded.size(); ++i) {
    SCOPED_TRACE("event " + std::to_string(i));
    EXPECT_EQ(replayed[i].type, recorded[i].type);
    EXPECT_EQ(replayed[i].time, recorded[i].time);
    EXPECT_EQ(replayed[i].reason, recorded[i].reason);
    EXPECT_EQ(replayed[i].details, recorded[i].details);
    EXPECT_EQ(replayed[i].origin, Origin::kRecorded);
    ExpectSame(replayed[i].session, recorded[i].session);
    ExpectSame(replayed[i].before, recorded[i].before);
  }
}

INSTANTIATE_TEST_SUITE_P(, Scenario,
                         testing::Values("day", "greeter_to_user", "id_reused", "lost_and_resynced",
                                         "leader_killed_child_stays", "sleep_and_empty_terminal",
                                         "before_the_reboot", "switch_and_return",
                                         "switch_to_another", "switch_to_new_user",
                                         "remote_session", "taken_over_remotely", "restart"),
                         [](const auto& test) { return test.param; });

TEST(ABrokerStartedInANewBoot, EndsTheSessionsOfTheOldOneFirst) {
  const PlayedDay old = Play(PathOf("before_the_reboot"));
  const SessionSnapshot before{old.table.All(), old.table.Seats(), 0};
  ExpectGolden("after_the_reboot", Play(PathOf("after_the_reboot"), before).events);
}

TEST(ABrokerStartedAgainInTheSameBoot, TellsOnlyWhatChangedMeanwhile) {
  const PlayedDay whole = Play(PathOf("before_the_reboot"));
  SessionTable known;
  for (const Event& event : whole.events) {
    if (event.type == EventType::kSessionLocked) break;
    known.Apply(event);
  }
  const PlayedDay again = Play(PathOf("before_the_reboot"), {known.All(), known.Seats(), 0});
  // The source begins with its boot, when nobody was there: whoever was known has gone.
  EXPECT_EQ(again.events.front().type, EventType::kSessionLogoff);
  EXPECT_EQ(again.events.front().origin, Origin::kReconciled);
  EXPECT_EQ(again.events.front().reason, "start");
  EXPECT_EQ(again.table.Size(), whole.table.Size());
}

}  // namespace
}  // namespace broker::scenario
