// Uses the extensions that need a broker: timers, events of its own, a check of its configuration.
#include <chrono>
#include <stdexcept>
#include <string>

#include <usher/plugin.hpp>

namespace {

using std::chrono::milliseconds;

class Extended final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  static void CheckConfig(const usher::Host& host) {
    const usher::Config config = host.Config();
    if (config.GetInteger("period_ms").value_or(1) < 1) {
      config.Fail("period_ms", "must be 1 or more");
    }
    if (!config.GetString("name")) config.Fail("name", "must be there");
    (void)config.GetStrings("limits.users");
  }

  void OnInit() override {
    const usher::Config config = host().Config();
    if (const auto period = config.GetInteger("period_ms")) {
      ticking_ = host().Timers()->Every(milliseconds(*period), [this] { Tick(); });
    }
    if (config.GetString("name").value_or("") == "late") config.Fail("name", "may not be late");
  }

  void OnEvent(const usher::Event& event) override {
    const std::string seq = std::to_string(event.seq());
    const bool passed = host().Emitter()->Emit("org.example.extended.seen", {{"of", seq}});
    host().LogInfo("event " + seq + (passed ? "" : ", not emitted"));
    later_ = host().Timers()->After(milliseconds(0), [this, seq] {
      host().LogInfo("later than " + seq);
      host().Emitter()->Emit("org.example.extended.later", {{"of", seq}});
    });
  }

  void OnStop() override { host().Emitter()->Emit("org.example.extended.stopped"); }

 private:
  void Tick() {
    host().LogInfo("tick " + std::to_string(++ticks_));
    if (ticks_ == 3) ticking_.Cancel();
    if (ticks_ == 2) throw std::runtime_error("no coffee");
  }

  int ticks_ = 0;
  usher::Timer ticking_;
  usher::Timer later_;
};

}  // namespace

USHER_PLUGIN(Extended, "org.example.extended", "1.0.0", usher::AllEvents,
             usher::Optional(USHER_EXT_TIMER, USHER_EXT_EMIT));
