// Starts a thread that outlives it.
#include <atomic>
#include <chrono>
#include <thread>

#include <usher/plugin.hpp>

#ifndef TURN
#define TURN Sleep
#endif

struct Turns {
  static void Sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }
  static void Count() { ++count; }
  static inline std::atomic<unsigned> count;
};

class LeavesThread final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override {
    std::thread([] {
      while (true) Turns::TURN();
    }).detach();
  }
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(LeavesThread, "org.example.leaves-thread", "1.0.0", usher::AllEvents);
