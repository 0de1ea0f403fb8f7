// Takes it for granted that no event comes twice.
#include <cstdint>
#include <stdexcept>

#include <usher/plugin.hpp>

class OnlyForward final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event& event) override {
    if (event.seq() <= last_) throw std::logic_error("an event twice");
    last_ = event.seq();
  }

 private:
  uint64_t last_ = 0;
};

USHER_PLUGIN(OnlyForward, "org.example.only-forward", "1.0.0", usher::AllEvents);
