// The hooks plugin: runs programs when something happens to a session, or to the machine. README.md
// has what they are told, and what they can rely on.

#include <optional>

#include <usher/plugin.hpp>

#include "scheduler.h"
#include "settings.h"

namespace {

class HooksPlugin final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;

  static void CheckConfig(const usher::Host& host) { (void)hooks::ReadSettings(host.Config()); }

  void OnInit() override { scheduler_.emplace(host(), hooks::ReadSettings(host().Config())); }

  usher::Answer OnEvent(const usher::Event& event) override { return scheduler_->Take(event); }

  // What is not done by now comes again with the next start.
  void OnStop() override { scheduler_.reset(); }

 private:
  std::optional<hooks::Scheduler> scheduler_;
};

}  // namespace

USHER_PLUGIN(HooksPlugin, "org.usher.hooks", "1.0.0", usher::AllEvents,
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_RUN, USHER_EXT_TIMER));
