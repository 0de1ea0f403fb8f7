// What a plugin does with its host, here and in a process of its own: nothing of it may depend on
// one address space.
#include "plugin_host/call_monitor.h"
#include "plugin_host/instance.h"
#include "plugin_host/module_trust.h"
#include "tests/support/wait.h"
#include "tests/unit/plugin_host/host_fixture.h"
#include "tests/unit/plugin_host/where.h"
#include "usher/ext/storage.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Where;

class NoCompletions final : public Completions {
 public:
  bool Complete(Seq, Status) noexcept override { return false; }
};

class APluginThatUsesItsHost : public testing::HostFixture,
                               public ::testing::WithParamInterface<Where> {
 protected:
  void Make(const std::string& plugin, std::string_view config = "",
            std::vector<std::string> deny = {}) {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    auto module = testing::Load(GetParam(), Install(plugin), copies);
    ASSERT_TRUE(module.ok()) << module.status().message();
    PluginSettings settings = PluginOf("me", plugin, config);
    settings.deny = std::move(deny);
    settings.start_timeout_us = settings.event_timeout_us = 100'000;
    HostContext context = context_;
    context.monitor = monitor_;
    instance_ = std::make_unique<Instance>(context, settings, std::move(module).value(),
                                           directory_ / "store");
    activation_ = instance_->Activate(completions_);
    ASSERT_TRUE(activation_.ok()) << activation_.status().message();
  }

  Outcome Deliver(Details details, EventType type = EventType::kSessionLogon) {
    Event event = MakeBrokerEvent(type, {}, std::move(details));
    event.seq = ++seq_;
    return instance_->Deliver({event, "{}", boot_id_});
  }

  /// What came of it.
  std::string Do(const std::string& verb, const std::string& key = "", Details more = {}) {
    more.insert(more.end(), {{"do", verb}, {"key", key}});
    EXPECT_EQ(Deliver(std::move(more)), Outcome::kDone);
    const std::string begin = "plugin me: " + verb + " " + key + ": ";
    const std::string said = diagnostics_.Lines().back();
    return said.starts_with(begin) ? said.substr(begin.size()) : said;
  }

  std::string Put(const std::string& key, const std::string& value) {
    return Do("put", key, {{"value", value}});
  }
  std::string Fill(const std::string& key, size_t bytes) {
    return Do("fill", key, {{"bytes", std::to_string(bytes)}});
  }

  const std::string boot_id_ = "boot";
  Seq seq_ = 0;
  NoCompletions completions_;
  std::shared_ptr<CallMonitor> monitor_;
  Result<Activation> activation_{Activation{}};
  std::unique_ptr<Instance> instance_;
};

TEST_P(APluginThatUsesItsHost, StoresValuesAndGetsThemBack) {
  Make("does");
  EXPECT_EQ(Do("get", "note"), "nothing");
  EXPECT_EQ(Put("note", "one\ttwo"), "done");
  EXPECT_EQ(Do("get", "note"), "one\ttwo");
  EXPECT_EQ(Put("note", ""), "done");
  EXPECT_EQ(Do("get", "note"), "");
  EXPECT_EQ(Do("remove", "note"), "done");
  EXPECT_EQ(Do("remove", "note"), "done");
  EXPECT_EQ(Do("get", "note"), "nothing");
  instance_->Deactivate();
}

TEST_P(APluginThatUsesItsHost, StoresWhatIsLargeAndIsToldWhatIsTooLarge) {
  Make("does");
  EXPECT_EQ(Fill("big", USHER_STORAGE_MAX_VALUE), "done");
  EXPECT_EQ(Do("get", "big"), std::to_string(USHER_STORAGE_MAX_VALUE) + " bytes of x");
  EXPECT_THAT(Fill("big", USHER_STORAGE_MAX_VALUE + 1),
              HasSubstr("writing \"big\" to the storage"));
  EXPECT_EQ(Do("get", "big"), std::to_string(USHER_STORAGE_MAX_VALUE) + " bytes of x");
  instance_->Deactivate();
}

TEST_P(APluginThatUsesItsHost, CannotLeaveItsStorageByAKey) {
  Make("does");
  for (const char* key : {"../note", "..", "/etc/note", "a/b", ""}) {
    EXPECT_THAT(Put(key, "x"), HasSubstr("a key of the storage has")) << key;
    EXPECT_THAT(Do("get", key), HasSubstr("a key of the storage has")) << key;
    EXPECT_THAT(Do("remove", key), HasSubstr("a key of the storage has")) << key;
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "note.value"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "store/note.value"));
  instance_->Deactivate();
}

TEST_P(APluginThatUsesItsHost, SeesTheSessionsThatThereAreNow) {
  Make("does");
  EXPECT_EQ(Do("visit"), "as of 0");
  CommitSession("1");
  CommitSession("2");
  EXPECT_EQ(Do("visit"), "as of 2 boot-1-1 boot-2-1");
  instance_->Deactivate();
}

TEST_P(APluginThatUsesItsHost, GetsWhatItSubscribesTo) {
  Make("does", "only = 'session.locked'");
  EXPECT_THAT(activation_.value().types, ElementsAre(EventType::kSessionLocked));
  instance_->Deactivate();
}

TEST_P(APluginThatUsesItsHost, HasNothingOfWhatIsDenied) {
  Make("does", "", {USHER_EXT_STORAGE});
  EXPECT_THAT(Put("note", "x"), HasSubstr("offers no extension \"usher.storage/1\""));
  instance_->Deactivate();
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, APluginThatUsesItsHost,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

/// With a monitor that sees to its calls.
class AWatchedPlugin : public APluginThatUsesItsHost {
 protected:
  AWatchedPlugin() {
    monitor_ = std::make_shared<CallMonitor>();
    monitor_->Start();
  }
  ~AWatchedPlugin() override {
    instance_.reset();
    monitor_->Stop();
  }

  void ExpectHurried(const std::string& call) const {
    const auto overdue = announcer_.Of(EventType::kPluginOverdue);
    ASSERT_EQ(overdue.size(), 1U);
    EXPECT_EQ(*overdue.front().Detail("call"), call);
    EXPECT_THAT(announcer_.Of(EventType::kPluginFailed), IsEmpty());
  }
};

TEST_P(AWatchedPlugin, ReturnsOnceItIsInterrupted) {
  Make("misbehaves", "in = 'on_event'\nhow = 'be interrupted'");
  EXPECT_EQ(Deliver({}), Outcome::kDone);
  ExpectHurried("on_event");
  instance_->Deactivate();
}

TEST_P(AWatchedPlugin, ReturnsOnceItShouldStop) {
  Make("misbehaves", "in = 'init'\nhow = 'obey'");
  ExpectHurried("init");
  instance_->Deactivate();
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AWatchedPlugin,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

}  // namespace
}  // namespace broker
