// Calls the host from its constructor.
#include <usher/plugin.hpp>

class Eager final : public usher::Plugin {
 public:
  explicit Eager(usher::Host host) : Plugin(host) { host.LogInfo("here I am"); }
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(Eager, "org.example.eager", "1.0.0", usher::AllEvents);
