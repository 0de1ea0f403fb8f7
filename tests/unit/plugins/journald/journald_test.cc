// The plugin as the broker drives it, with a socket of the test's own in the journal's place.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"
#include "tests/support/wait.h"
#include "tests/unit/plugins/journald/fake_journal.h"
#include "usher/testing.hpp"

namespace {

using journald::testing::FakeJournal;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using usher::EventType;
using usher::testing::Completed;
using usher::testing::Driver;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;
using usher::testing::UserSession;

class TheJournaldPlugin : public testing::Test {
 protected:
  TheJournaldPlugin() { host_.Configure("socket", path_); }
  ~TheJournaldPlugin() override { EXPECT_THAT(host_.Violations(), IsEmpty()); }

  void ExpectRefused(const std::string& error) {
    Driver plugin(host_);
    EXPECT_EQ(plugin.CheckConfig().status, USHER_INVALID_ARGUMENT);
    EXPECT_THAT(host_.ConfigErrors(), Contains(HasSubstr(error)));
  }

  const broker::testing::TempDirectory folder_;
  const std::string path_ = folder_ / "socket";
  FakeHost host_;
};

TEST_F(TheJournaldPlugin, TellsTheJournalOfEveryEvent) {
  FakeJournal journal(path_);
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start()) << plugin.Start().text;
  EXPECT_EQ(plugin.Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))).status,
            USHER_OK);
  EXPECT_EQ(plugin.Deliver(MakeEvent("org.example.door.opened")).status, USHER_OK);
  EXPECT_THAT(journal.TakeAll("USHER_TYPE"),
              ElementsAre("session.logon", "org.example.door.opened"));
  plugin.Stop();
  EXPECT_THAT(host_.Logs(), IsEmpty());
}

TEST_F(TheJournaldPlugin, LeavesOutWhatTheConfigurationDoesNotName) {
  host_.Configure("events", {"session.*", "plugin.failed"});
  host_.Configure("except", {"session.c*"});
  host_.Configure("classes", {"user"});
  FakeJournal journal(path_);
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start());
  auto job = UserSession("backup");
  job.session_class = "background";
  for (const auto& event :
       {MakeEvent(EventType::kSessionCreated, UserSession("anna")),
        MakeEvent(EventType::kSessionLogon, UserSession("anna")),
        MakeEvent(EventType::kSessionLogon, job), MakeEvent(EventType::kPluginFailed),
        MakeEvent(EventType::kPluginLoaded), MakeEvent(EventType::kConsoleSwitched)}) {
    EXPECT_EQ(plugin.Deliver(event).status, USHER_OK);
  }
  EXPECT_THAT(journal.TakeAll("USHER_TYPE"), ElementsAre("session.logon", "plugin.failed"));
  plugin.Stop();
}

TEST_F(TheJournaldPlugin, KeepsEventsWhileThereIsNoJournalAndThenTellsThemInOrder) {
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start());
  for (uint64_t seq = 1; seq <= 16; ++seq) {
    auto event = MakeEvent(EventType::kSessionLocked, UserSession("anna"));
    event.seq = seq;
    EXPECT_EQ(plugin.Deliver(event).status, USHER_PENDING);
  }
  EXPECT_THAT(host_.Completions(), IsEmpty());

  FakeJournal journal(path_);
  std::vector<std::string> seqs;
  const auto all_have_come = [&] {
    const auto come = journal.TakeAll("USHER_SEQ");
    seqs.insert(seqs.end(), come.begin(), come.end());
    return seqs.size() == 16;
  };
  ASSERT_TRUE(broker::testing::Eventually(all_have_come));
  for (uint64_t seq = 1; seq <= 16; ++seq) {
    EXPECT_EQ(host_.WaitForEnd(seq), (Completed{seq, USHER_OK, ""}));
    EXPECT_EQ(seqs.at(seq - 1), std::to_string(seq));
  }
  EXPECT_EQ(plugin.Deliver(MakeEvent(EventType::kSessionUnlocked, UserSession("anna"))).status,
            USHER_OK);
  EXPECT_THAT(journal.TakeAll("USHER_SEQ"), ElementsAre("17"));
  plugin.Stop();
}

TEST_F(TheJournaldPlugin, LetsNoEventOvertakeOneThatWaits) {
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start());
  EXPECT_EQ(plugin.Deliver(MakeEvent(EventType::kSessionLocked)).status, USHER_PENDING);
  FakeJournal journal(path_);
  // Whether it waits still, or was told in this moment: the order is the events'.
  const auto second = plugin.Deliver(MakeEvent(EventType::kSessionUnlocked)).status;
  ASSERT_TRUE(host_.WaitForEnd(1));
  EXPECT_TRUE(second == USHER_OK || host_.WaitForEnd(2));
  EXPECT_THAT(journal.TakeAll("USHER_SEQ"), ElementsAre("1", "2"));
  plugin.Stop();
}

TEST_F(TheJournaldPlugin, LeavesToTheNextStartWhatTheJournalDidNotTake) {
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start());
  EXPECT_EQ(plugin.Deliver(MakeEvent(EventType::kSessionLocked)).status, USHER_PENDING);
  plugin.Stop();
  EXPECT_THAT(host_.Completions(), IsEmpty());
  EXPECT_THAT(host_.Open(), ElementsAre(1));
}

TEST_F(TheJournaldPlugin, TellsOnceThatTheJournalTakesNothingAndThatItDoesAgain) {
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start());
  EXPECT_EQ(plugin.Deliver(MakeEvent(EventType::kSessionLocked)).status, USHER_PENDING);
  EXPECT_FALSE(host_.Said("takes no events")) << "it may be over in a moment";
  ASSERT_TRUE(broker::testing::Eventually([this] { return host_.Said("takes no events"); }));
  EXPECT_TRUE(host_.Said("the journal takes no events (No such file or directory)"));
  FakeJournal journal(path_);
  ASSERT_TRUE(host_.WaitForEnd(1));
  plugin.Stop();
  EXPECT_TRUE(host_.Said("takes events again"));
  EXPECT_EQ(host_.Logs().size(), 2);
}

TEST_F(TheJournaldPlugin, RefusesEveryMistakeOfItsTableAtOnce) {
  host_.Configure("events", {"sesion.*"});
  host_.Configure("except", 5);
  host_.Configure("identifier", "");
  host_.Configure("socket", "journal");
  host_.Configure("event_json", "yes");
  host_.Configure("priorities.warning", {"nothing"});
  Driver plugin(host_);
  EXPECT_FALSE(plugin.CheckConfig());
  EXPECT_THAT(
      host_.ConfigErrors(),
      ElementsAre(HasSubstr("events: there is no type of event that \"sesion.*\" matches"),
                  "except: must be a list of texts", "identifier: must not be empty",
                  "event_json: must be true or false",
                  HasSubstr("socket: must be the absolute path"),
                  HasSubstr("priorities.warning: there is no type of event that \"nothing\"")));
}

TEST_F(TheJournaldPlugin, RefusesAKeyThatItDoesNotKnow) {
  host_.Configure("priorities.warn", {"session.*"});
  Driver plugin(host_);
  EXPECT_THAT(plugin.CheckConfig().text, HasSubstr("priorities.warn"));
}

TEST_F(TheJournaldPlugin, TakesTypesOfPluginsThatItDoesNotKnow) {
  host_.Configure("events", {"org.example.door.*"});
  Driver plugin(host_);
  EXPECT_TRUE(plugin.Start());
  plugin.Stop();
}

TEST_F(TheJournaldPlugin, RefusesAPathThatNoSocketCanHave) {
  host_.Configure("socket", "/" + std::string(107, 'x'));
  ExpectRefused("of at most 107 bytes");
}

}  // namespace
