// The agents plugin on a scripted broker: agents of groups, which are looked up.
#include <condition_variable>
#include <mutex>

#include "desk.h"
#include "supervisor.h"

namespace {

using agents::testing::Desk;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A system's database of users that answers when the test lets it.
class Accounts {
 public:
  std::optional<plugins::Account> Find(const std::string& user_id) {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    if (failing_) return std::nullopt;
    return plugins::Account{"u" + user_id, {"100"}, {"students"}};
  }
  void Fail(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  void Open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  [[nodiscard]] int Asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool failing_ = false;
  int asked_ = 0;
};
std::shared_ptr<Accounts> accounts;

/// The plugin, but for where accounts are looked up.
class SlowPlugin final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override {
    supervisor_.emplace(
        host(), agents::ReadSettings(host().Config()),
        [accounts = accounts](const std::string& user_id) { return accounts->Find(user_id); }, 1);
  }
  void OnSnapshot(const usher::Snapshot& snapshot) override { supervisor_->Take(snapshot); }
  void OnEvent(const usher::Event& event) override { supervisor_->Take(event); }
  void OnStop() override { supervisor_.reset(); }

 private:
  std::optional<agents::Supervisor> supervisor_;
};

constexpr auto kNeeds = usher::detail::MakeNeeds(usher::AllEvents);
constexpr usher_plugin_descriptor kDescriptor =
    usher::detail::Describe<SlowPlugin>("org.example.slow", "1", kNeeds);
constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<SlowPlugin>(&kDescriptor);

class AgentsOfGroups : public Desk {
 protected:
  void SetUp() override {
    accounts = std::make_shared<Accounts>();
    entry_ = &kEntry;
  }
  void TearDown() override {
    accounts->Open(true);
    Desk::TearDown();
    accounts.reset();
  }
  /// Time passes until there is an agent; the look-up has a thread that knows of no clock here.
  [[nodiscard]] bool Appears(const std::string& agent) {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (std::chrono::steady_clock::now() < end) {
      driver_->Advance(seconds(5));
      for (const std::string& there : There()) {
        if (there == agent) return true;
      }
      std::this_thread::yield();
    }
    return false;
  }
};

TEST_F(AgentsOfGroups, AreOfTheirMembersOnly) {
  host_.Configure(AddAgent("name") + "sessions.group", {"stud*"});
  host_.Configure(AddAgent("id") + "sessions.group", {"100"});
  host_.Configure(AddAgent("user") + "sessions.user", Texts{"u" + UserId("anna")});
  host_.Configure(AddAgent("not") + "sessions.group", {"teachers"});
  host_.Configure(AddAgent("nor") + "sessions.user", {"anna"});
  ASSERT_EQ(Start(), "");
  Here("1", "anna");
  EXPECT_THAT(There(), ElementsAre("name@1", "id@1", "user@1"))
      << "who has the session's name for one is not asked";
  EXPECT_EQ(accounts->Asked(), 1) << "once for all";
  Here("2", "berta");
  EXPECT_TRUE(Appears("id@2"));
  EXPECT_EQ(accounts->Asked(), 2) << "what was found counts for a while";
}

TEST_F(AgentsOfGroups, WaitForASlowServerAndNobodyElseDoes) {
  host_.Configure(AddAgent("students") + "sessions.group", {"students"});
  AddAgent("all");
  accounts->Open(false);
  ASSERT_EQ(Start(), "");
  const auto begin = std::chrono::steady_clock::now();
  for (int id = 1; id <= 40; ++id) Here(std::to_string(id), std::string(1, static_cast<char>(id)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5)) << "one call waits, for 250 ms";
  EXPECT_EQ(There().size(), 40U);
  EXPECT_THAT(There(), Contains("all@40"));
  EXPECT_THAT(host_.Described("students", "1")->reason, HasSubstr("are being looked up"));
  accounts->Open(true);
  EXPECT_TRUE(Appears("students@40"));
  EXPECT_EQ(There().size(), 80U);
}

TEST_F(AgentsOfGroups, AreNotEndedWhileNobodyKnowsWhoseTheyAre) {
  host_.Configure(AddAgent("students") + "sessions.group", {"students"});
  host_.sessions = {usher::testing::UserSession("anna", "4")};
  accounts->Open(false);
  ASSERT_EQ(Start(), "");
  driver_->Advance(minutes(5));
  EXPECT_EQ(host_.Settled(), 0) << "one of them may be running";
  accounts->Open(true);
  EXPECT_TRUE(Appears("students@4"));
  EXPECT_EQ(host_.Settled(), 1);
}

TEST_F(AgentsOfGroups, AreNotTakenForNobodysWhereTheDatabaseFails) {
  host_.Configure(AddAgent("students") + "sessions.group", {"students"});
  AddAgent("all");
  host_.sessions = {usher::testing::UserSession("anna", "4")};
  accounts->Fail(true);
  ASSERT_EQ(Start(), "");
  EXPECT_THAT(There(), ElementsAre("all@4"));
  EXPECT_EQ(host_.Settled(), 0) << "one of them may be running";
  accounts->Fail(false);
  EXPECT_TRUE(Appears("students@4"));
  EXPECT_EQ(host_.Settled(), 1);
}

TEST_F(AgentsOfGroups, DoNotKeepThePluginFromEnding) {
  host_.Configure(AddAgent("students") + "sessions.group", {"students"});
  accounts->Open(false);
  ASSERT_EQ(Start(), "");
  Here("1", "anna");
  const auto begin = std::chrono::steady_clock::now();
  driver_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
  driver_.reset();
}

}  // namespace
