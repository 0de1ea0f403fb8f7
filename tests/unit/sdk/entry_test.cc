#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/raw_views.h"
#include "usher/plugin.hpp"
#include "usher/testing.hpp"

namespace {

using broker::testing::EmptyEvent;
using broker::testing::FakeSnapshot;
using broker::testing::UserSession;
using testing::ElementsAre;
using testing::HasSubstr;
using usher::testing::Driver;
using usher::testing::FakeHost;

/// What the plugin below does in its methods, and the calls it had. One test at a time.
struct Script {
  std::vector<std::string> calls;
  std::function<void(const std::string& call, const usher::Host&)> act;
};
Script script;

class Scripted final : public usher::Plugin {
 public:
  explicit Scripted(usher::Host host) : Plugin(host) { Act("constructor"); }
  ~Scripted() override { script.calls.emplace_back("destructor"); }

  void OnInit() override { Act("init"); }
  void OnSnapshot(const usher::Snapshot& snapshot) override {
    Act("snapshot " + std::to_string(snapshot.as_of_seq()));
  }
  void OnEvent(const usher::Event& event) override { Act("event " + std::to_string(event.seq())); }
  void OnStop() override { Act("stop"); }
  void Interrupt() override { Act("interrupt"); }

 private:
  void Act(const std::string& call) {
    script.calls.push_back(call);
    if (script.act) script.act(call, host());
  }
};

}  // namespace

USHER_PLUGIN(Scripted, "org.example.scripted", "1.2.3",
             usher::Events(usher::EventType::kSessionLocked, "org.example.coffee"),
             usher::Requires(USHER_EXT_STORAGE));

namespace {

class AWrappedPlugin : public testing::Test {
 protected:
  AWrappedPlugin() { script = Script{}; }

  /// Lets every call of that name throw `thrown`.
  template <class Thrown>
  void ThrowIn(const std::string& name, const Thrown& thrown) {
    script.act = [name, thrown](const std::string& call, const usher::Host&) {
      if (call.rfind(name, 0) == 0) throw thrown;
    };
  }

  FakeHost host_;
  const usher_event event_ = EmptyEvent(USHER_EVENT_SESSION_LOCKED, "session.locked", 5);
};

TEST_F(AWrappedPlugin, DescribesItselfInConstantData) {
  static_assert(usher_plugin_entry.abi_version == USHER_ABI_VERSION);
  static_assert(usher_plugin_entry.size == sizeof(usher_plugin_entry_t));
  const usher_plugin_descriptor& descriptor = *usher_plugin_entry.descriptor;
  EXPECT_EQ(descriptor.size, sizeof(usher_plugin_descriptor));
  EXPECT_STREQ(descriptor.id, "org.example.scripted");
  EXPECT_STREQ(descriptor.name, "org.example.scripted");
  EXPECT_STREQ(descriptor.version, "1.2.3");
  ASSERT_EQ(descriptor.event_type_count, 2U);
  EXPECT_STREQ(descriptor.event_types[0], "session.locked");
  EXPECT_STREQ(descriptor.event_types[1], "org.example.coffee");
  ASSERT_EQ(descriptor.required_extension_count, 1U);
  EXPECT_STREQ(descriptor.required_extensions[0], USHER_EXT_STORAGE);
}

TEST_F(AWrappedPlugin, ThatWantsAllEventsNamesNone) {
  static constexpr auto kNeeds = usher::detail::MakeNeeds(usher::AllEvents);
  constexpr auto kDescriptor = usher::detail::Describe<Scripted>("a.b", "1", kNeeds);
  EXPECT_EQ(kDescriptor.event_type_count, 0U);
  EXPECT_EQ(kDescriptor.required_extension_count, 0U);
}

TEST_F(AWrappedPlugin, IsCalledInOrder) {
  {
    Driver plugin(host_);
    ASSERT_TRUE(plugin.created());
    EXPECT_EQ(plugin.Init().status, USHER_OK);
    EXPECT_EQ(plugin.Snapshot(FakeSnapshot(4, {}).raw()).status, USHER_OK);
    EXPECT_EQ(plugin.Deliver(event_).status, USHER_OK);
    plugin.Stop();
  }
  EXPECT_THAT(script.calls,
              ElementsAre("constructor", "init", "snapshot 4", "event 5", "stop", "destructor"));
}

TEST_F(AWrappedPlugin, CallsNothingOfTheHostWhenItIsMade) {
  const Driver plugin(host_);
  EXPECT_EQ(host_.Calls(), 0);
}

TEST_F(AWrappedPlugin, MayHaveSeveralInstances) {
  FakeHost other;
  script.act = [](const std::string& call, const usher::Host& host) {
    if (call == "init") host.LogInfo("here");
  };
  Driver first(host_);
  Driver second(other);
  EXPECT_EQ(second.Init().status, USHER_OK);
  EXPECT_TRUE(host_.Logs().empty());
  EXPECT_EQ(other.Logs().size(), 1U);
}

TEST_F(AWrappedPlugin, WhoseConstructorThrowsIsNotMade) {
  ThrowIn("constructor", std::runtime_error("no coffee"));
  const Driver plugin(host_);
  EXPECT_FALSE(plugin.created());
  EXPECT_EQ(plugin.create_error(), "no coffee");
}

TEST_F(AWrappedPlugin, TurnsExceptionsOfEveryMethodIntoErrors) {
  Driver plugin(host_);
  ThrowIn("", std::runtime_error("no coffee"));
  for (const auto& result :
       {plugin.Init(), plugin.Snapshot(FakeSnapshot(1, {}).raw()), plugin.Deliver(event_)}) {
    EXPECT_EQ(result.status, USHER_ERROR);
    EXPECT_EQ(result.text, "no coffee");
  }
}

TEST_F(AWrappedPlugin, LogsWhatItsStopThrows) {
  Driver plugin(host_);
  ThrowIn("stop", std::runtime_error("cannot save"));
  plugin.Stop();
  EXPECT_THAT(host_.Logs(), ElementsAre(testing::Pair(USHER_LOG_ERROR, "cannot save")));
}

TEST_F(AWrappedPlugin, CanBeInterrupted) {
  Driver plugin(host_);
  plugin.Interrupt();
  EXPECT_EQ(script.calls.back(), "interrupt");
  ThrowIn("interrupt", std::runtime_error("not now"));
  plugin.Interrupt();
  ASSERT_EQ(host_.Logs().size(), 1U);
  EXPECT_THAT(host_.Logs().front().second, HasSubstr("not now"));
}

TEST_F(AWrappedPlugin, FailsWithTheStatusOfItsError) {
  Driver plugin(host_);
  ThrowIn("event", usher::Error(USHER_IO, "the disk is full"));
  const auto result = plugin.Deliver(event_);
  EXPECT_EQ(result.status, USHER_IO);
  EXPECT_EQ(result.text, "the disk is full");
}

TEST_F(AWrappedPlugin, CannotFailWithSuccess) {
  Driver plugin(host_);
  ThrowIn("event", usher::Error(USHER_OK, "confused"));
  EXPECT_EQ(plugin.Deliver(event_).status, USHER_ERROR);
}

TEST_F(AWrappedPlugin, OutOfMemorySaysSo) {
  Driver plugin(host_);
  ThrowIn("event", std::bad_alloc());
  EXPECT_THAT(plugin.Deliver(event_).text, HasSubstr("out of memory"));
}

TEST_F(AWrappedPlugin, MayThrowWhatIsNoException) {
  Driver plugin(host_);
  ThrowIn("event", 42);
  const auto result = plugin.Deliver(event_);
  EXPECT_EQ(result.status, USHER_ERROR);
  EXPECT_THAT(result.text, HasSubstr("no std::exception"));
}

TEST_F(AWrappedPlugin, ThatThrowsWithoutATextStillHasOne) {
  Driver plugin(host_);
  ThrowIn("event", std::runtime_error(""));
  EXPECT_THAT(plugin.Deliver(event_).text, HasSubstr("without a text"));
}

TEST_F(AWrappedPlugin, CutsALongTextBetweenCharacters) {
  Driver plugin(host_);
  std::string text = "x";
  while (text.size() < 2000) text += "\xC3\xA9";
  ThrowIn("event", std::runtime_error(text));
  // 511 bytes are free, and the 256th character would end at the 512th.
  EXPECT_EQ(plugin.Deliver(event_).text, text.substr(0, USHER_ERROR_TEXT_SIZE - 1));
  ThrowIn("event", std::runtime_error("x" + text));
  EXPECT_EQ(plugin.Deliver(event_).text, ("x" + text).substr(0, USHER_ERROR_TEXT_SIZE - 2));
}

TEST(AnErrorsText, StaysWithinTheSizeThatTheCallerGave) {
  usher_error error = usher::detail::EmptyError();
  error.size = sizeof(uint32_t) + 4;
  error.text[4] = '#';
  usher::detail::WriteText(&error, "abcdef");
  EXPECT_STREQ(error.text, "abc");
  EXPECT_EQ(error.text[4], '#');
  error.size = sizeof(uint32_t);
  usher::detail::WriteText(&error, "xyz");
  EXPECT_STREQ(error.text, "abc");
}

}  // namespace
