// Leaves something of each instance behind.
#include <usher/plugin.hpp>

class LeaksItself final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override { kept_ = new char[1000]; }
  void OnEvent(const usher::Event&) override {}

 private:
  char* volatile kept_ = nullptr;
};

USHER_PLUGIN(LeaksItself, "org.example.leaks-itself", "1.0.0", usher::AllEvents);
