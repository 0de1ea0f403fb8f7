// Greets who logs on, in the log, and reminds of those who stay for long.
#include <chrono>
#include <map>
#include <string>

#include <usher/plugin.hpp>

namespace {

constexpr int64_t kMostHours = 24;

class Greeter final : public usher::SessionPlugin {
 public:
  using SessionPlugin::SessionPlugin;

  // Whether the configuration is good: asked before the plugin is made, and by
  // `usherctl check-config`. Reads every key there is.
  static void CheckConfig(const usher::Host& host) {
    const usher::Config config = host.Config();
    (void)config.GetString("greeting");
    const int64_t hours = config.GetInteger("remind_after_hours").value_or(1);
    if (hours < 1 || hours > kMostHours) {
      config.Fail("remind_after_hours", "must be from 1 to 24; it is " + std::to_string(hours));
    }
  }

  void OnInit() override {
    const usher::Config config = host().Config();
    greeting_ = config.GetString("greeting").value_or("Hello");
    remind_after_ = std::chrono::hours(config.GetInteger("remind_after_hours").value_or(8));
  }

  void OnLogon(const usher::Event& event) override {
    const std::string user(event.session().user());
    host().LogInfo(greeting_ + ", " + user + "!");
    // Timers are an extension that this plugin can do without.
    if (const auto timers = host().Timers()) {
      reminders_[std::string(event.session().key())] = timers->After(
          remind_after_, [this, user] { host().LogInfo(user + " should take a rest."); });
    }
  }

  void OnLogoff(const usher::Event& event) override {
    reminders_.erase(std::string(event.session().key()));
  }

 private:
  std::string greeting_;
  std::chrono::hours remind_after_{8};
  std::map<std::string, usher::Timer> reminders_;  // By the session's key; an id is reused.
};

}  // namespace

USHER_PLUGIN(Greeter, "org.example.greeter", "1.0.0",
             usher::Events(usher::EventType::kSessionLogon, usher::EventType::kSessionLogoff),
             usher::Requires(USHER_EXT_CONFIG), usher::Optional(USHER_EXT_TIMER));
