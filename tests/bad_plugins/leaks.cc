// Keeps 100 bytes of each event, for nothing.
#include <usher/plugin.hpp>

class Leaks final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event&) override { kept_ = new char[100]; }

 private:
  char* volatile kept_ = nullptr;
};

USHER_PLUGIN(Leaks, "org.example.leaks", "1.0.0", usher::AllEvents);
