// Keeps what is an instance's own in a variable that all instances share.
#include <stdexcept>

#include <usher/plugin.hpp>

class Shares final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override { current_ = this; }
  void OnEvent(const usher::Event&) override {
    if (current_ != this) throw std::logic_error("whose event is this?");
  }

 private:
  static inline Shares* volatile current_ = nullptr;
};

USHER_PLUGIN(Shares, "org.example.shares", "1.0.0", usher::AllEvents);
