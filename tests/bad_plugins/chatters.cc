// Writes to standard output.
#include <cstdio>

#include <usher/plugin.hpp>

class Chatters final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override {
    std::puts("hello, world");
    std::fflush(stdout);
  }
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(Chatters, "org.example.chatters", "1.0.0", usher::AllEvents);
