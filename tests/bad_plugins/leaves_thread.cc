// Starts a thread that outlives it.
#include <chrono>
#include <thread>

#include <usher/plugin.hpp>

class LeavesThread final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override {
    std::thread([] {
      while (true) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }).detach();
  }
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(LeavesThread, "org.example.leaves-thread", "1.0.0", usher::AllEvents);
