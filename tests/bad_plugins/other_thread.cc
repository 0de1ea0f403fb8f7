// Stores values from a thread of its own, where it may only from the broker's.
#include <string>
#include <thread>

#include <usher/plugin.hpp>

class OtherThread final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event& event) override {
    std::thread([this, seq = event.seq()] { Store(seq); }).join();
  }

 private:
  void Store(uint64_t seq) {
    try {
      host().Storage().Put("last", std::to_string(seq));
    } catch (const usher::Error&) {
      lost_ = true;
    }
  }

  bool lost_ = false;
};

USHER_PLUGIN(OtherThread, "org.example.other-thread", "1.0.0", usher::AllEvents);
