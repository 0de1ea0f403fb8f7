// What is done to one instance while it is in an event.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "tests/support/asleep.h"
#include "tests/unit/plugin_host/steering_fixture.h"

namespace broker {
namespace {

using testing::Eventually;
using testing::IsAsleep;
using ::testing::IsEmpty;

/// It is in an event until its gate is opened.
class AnInstanceThatIsBusy : public testing::SteeringFixture {
 protected:
  void StartIt(const std::string& more = "") {
    Put("misbehaves");
    std::ofstream(gate_) << "closed";
    const std::string wait = "in = 'on_event'\nhow = 'wait'\nwhile = '" + gate_ + "'\n";
    settings_.plugins = {PluginOf("it", "it", wait + "notes = '" + notes_ + "'\n" + more)};
    Start();
    Emit(EventType::kSessionLogon);
    EXPECT_TRUE(Eventually([this] { return std::filesystem::exists(notes_); }));
  }

  /// Opens the gate while `steer` waits for the instance, which it does behind `begun`.
  void OpenDuring(const std::function<void()>& steer, const std::atomic<bool>& begun) {
    std::atomic<pid_t> thread = 0;
    std::thread steering([&] {
      thread = ::gettid();
      steer();
    });
    EXPECT_TRUE(Eventually([&] { return begun && thread != 0 && IsAsleep(thread); }));
    std::filesystem::remove(gate_);
    steering.join();
  }

  const std::string gate_ = directory_ / "gate";
  const std::string notes_ = directory_ / "notes";
};

TEST_F(AnInstanceThatIsBusy, MayTakeItsTimeForTheEventAtHand) {
  StartIt();
  const std::atomic<bool> at_once = true;
  OpenDuring([this] { EXPECT_TRUE(registry_->Disable("it").ok()); }, at_once);
  EXPECT_EQ(State(), PluginState::kDisabled);
  EXPECT_THAT(announcer_.Of(EventType::kPluginOverdue), IsEmpty());
}

TEST_F(AnInstanceThatIsBusy, IsNotReloadedWhereThatEventIsOneFailureTooMany) {
  const auto strike_twice = [now = clock_.Now().realtime_us](Health& health) {
    for (int strike = 0; strike < 2; ++strike) health.Add({now, PluginCall::kOnEvent, 0}, "before");
  };
  ASSERT_TRUE(health_.Update("it", strike_twice).ok());
  StartIt("then = 'fail'\n");
  std::atomic<bool> tried = false;
  probe_.meanwhile = [&] { tried = true; };
  OpenDuring([this] { EXPECT_EQ(registry_->Reload("it").code(), StatusCode::kInvalid); }, tried);
  EXPECT_EQ(State(), PluginState::kQuarantined);
  EXPECT_EQ(announcer_.Of(EventType::kPluginLoaded).size(), 1U);
}

}  // namespace
}  // namespace broker
