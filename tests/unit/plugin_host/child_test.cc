// What is so only of a plugin in a process of its own: that it may end, and the broker goes on.
#include <array>
#include <cstdlib>
#include <string>

#include "isolation/message.h"
#include "plugin_host/instance.h"
#include "plugin_host/module_trust.h"
#include "tests/unit/plugin_host/host_fixture.h"
#include "tests/unit/plugin_host/where.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

class NoCompletions final : public Completions {
 public:
  bool Complete(Seq, Status) noexcept override { return false; }
};

/// Sanitizers in the child are to leave a crash what it is.
void LeaveSignalsToTheSystem() {
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) {
    const char* options = std::getenv(name);
    const std::string kept = options == nullptr ? "" : std::string(options) + ":";
    ::setenv(name, (kept + "handle_segv=0").c_str(), 1);
  }
}

class APluginInAChild : public testing::HostFixture {
 protected:
  APluginInAChild() { LeaveSignalsToTheSystem(); }

  std::shared_ptr<const Module> Load(const std::string& plugin) {
    const std::string copies = directory_ / "state/modules";
    const Status prepared = PrepareCopyDirectory(copies);
    EXPECT_TRUE(prepared.ok()) << prepared.message();
    auto module = LoadInChild(PLUGIN_HOST_PROGRAM, Install(plugin), copies);
    EXPECT_TRUE(module.ok()) << module.status().message();
    return std::move(module).value();
  }

  std::unique_ptr<Instance> Make(const std::string& plugin, std::string_view config = "") {
    return std::make_unique<Instance>(context_, PluginOf("me", plugin, config), Load(plugin),
                                      directory_ / "store");
  }

  Outcome Deliver(Instance& instance, Seq seq) {
    Event event = MakeBrokerEvent(EventType::kSessionLogon, {}, {});
    event.seq = seq;
    return instance.Deliver({event, "{}", boot_id_});
  }

  const std::string boot_id_ = "boot";
  NoCompletions completions_;
};

TEST_F(APluginInAChild, IsCalledAgainOnceItsInterruptHasReturned) {
  HostContext context = context_;
  context.monitor = std::make_shared<CallMonitor>();
  context.monitor->Start();
  PluginSettings settings =
      PluginOf("me", "misbehaves", "in = 'on_event'\nhow = 'be interrupted at length'");
  settings.event_timeout_us = 100'000;
  Instance instance(context, settings, Load("misbehaves"), directory_ / "store");
  ASSERT_TRUE(instance.Activate(completions_).ok());
  EXPECT_EQ(Deliver(instance, 5), Outcome::kDone);
  EXPECT_EQ(announcer_.Of(EventType::kPluginOverdue).size(), 1U);
  EXPECT_EQ(Deliver(instance, 6), Outcome::kDone) << instance.GetStatus().last_error;
  instance.Deactivate();
}

TEST_F(APluginInAChild, FailsByItselfWhenItCrashes) {
  const auto instance = Make("segfault_in_on_event");
  ASSERT_TRUE(instance->Activate(completions_).ok());
  EXPECT_EQ(Deliver(*instance, 5), Outcome::kFailed);
  EXPECT_THAT(instance->GetStatus().last_error, HasSubstr("was ended by SIG"));
  EXPECT_EQ(Deliver(*instance, 6), Outcome::kFailed) << "it is not there any more";
  instance->Deactivate();
}

TEST_F(APluginInAChild, FailsByItselfWhenItExits) {
  const auto instance = Make("exit_in_init");
  const auto activation = instance->Activate(completions_);
  ASSERT_FALSE(activation.ok());
  EXPECT_THAT(activation.status().message(), HasSubstr("exit code 3"));
}

TEST_F(APluginInAChild, FailsByItselfWhenItsStackIsFull) {
  const auto instance = Make("overflow_in_on_snapshot");
  static_cast<void>(instance->Activate(completions_));
  EXPECT_THAT(instance->GetStatus().last_error, HasSubstr("its process"));
  instance->Deactivate();
}

TEST_F(APluginInAChild, IsRefusedWithTheSameWordsAsInThisProcess) {
  const std::string copies = directory_ / "state/modules";
  ASSERT_TRUE(PrepareCopyDirectory(copies).ok());
  for (const char* plugin : {"wrong_abi", "no_entry", "null_descriptor", "junk_strings"}) {
    const std::string path = Install(plugin);
    const auto here = Module::Load(path, copies);
    const auto there = LoadInChild(PLUGIN_HOST_PROGRAM, path, copies);
    EXPECT_EQ(here.status().message(), there.status().message());
    EXPECT_EQ(here.status().code(), there.status().code());
    EXPECT_FALSE(there.ok()) << plugin;
  }
}

/// A stream that holds what a test says.
class ScriptedChannel final : public Channel {
 public:
  explicit ScriptedChannel(std::string bytes) : bytes_(std::move(bytes)) {}

  Status Write(std::string_view written) override {
    bytes_.append(written);
    return {};
  }
  Result<size_t> Read(std::span<char> into, Condition::TimePoint) override {
    const size_t size = std::min(into.size(), std::min<size_t>(bytes_.size(), 3));
    std::copy_n(bytes_.begin(), size, into.begin());
    bytes_.erase(0, size);
    return size;
  }
  void Shutdown() noexcept override {}

 private:
  std::string bytes_;
};

constexpr auto kNever = Condition::TimePoint::max();

TEST(AMessage, ArrivesAsItWasSentWhateverPiecesItComesIn) {
  ScriptedChannel channel("");
  MessageChannel messages(channel);
  MessageWriter sent;
  sent.Number(~0ULL).Signed(-5).Text("a").Text("");
  ASSERT_TRUE(messages.Send(sent).ok());
  ASSERT_TRUE(messages.Send(sent).ok());
  for (int i = 0; i < 2; ++i) {
    const auto received = messages.Receive(kNever);
    ASSERT_TRUE(received.ok());
    MessageReader reader(received.value());
    EXPECT_EQ(reader.Number(), ~0ULL);
    EXPECT_EQ(reader.Signed(), -5);
    EXPECT_EQ(reader.Text(), "a");
    EXPECT_EQ(reader.Text(), "");
    EXPECT_FALSE(reader.Failed());
    EXPECT_EQ(reader.Number(), 0U);
    EXPECT_TRUE(reader.Failed());
  }
  EXPECT_EQ(messages.Receive(kNever).status().code(), StatusCode::kStopped);
}

TEST(AMessage, ThatSaysItIsLongerThanAnyIsRefused) {
  ScriptedChannel channel(std::string(8, '\xFF'));
  EXPECT_EQ(MessageChannel(channel).Receive(kNever).status().code(), StatusCode::kCorrupt);
}

TEST(AMessage, WhoseTextIsCutOffIsNotReadBeyondItsEnd) {
  MessageReader reader(std::string_view("\x09\0\0\0\0\0\0\0abc", 11));
  EXPECT_EQ(reader.Text(), "");
  EXPECT_TRUE(reader.Failed());
}

}  // namespace
}  // namespace broker
