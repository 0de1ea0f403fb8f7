// Writes a hundred lines into the log for each event.
#include <usher/plugin.hpp>

class Floods final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event&) override {
    for (int i = 0; i < 100; ++i) host().LogInfo("an event, an event");
  }
};

USHER_PLUGIN(Floods, "org.example.floods", "1.0.0", usher::AllEvents);
