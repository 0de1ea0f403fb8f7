// Wants events of a type that is misspelt.
#include <usher/plugin.hpp>

class Mistyped final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(Mistyped, "org.example.mistyped", "1.0.0", usher::Events("session.logn"));
