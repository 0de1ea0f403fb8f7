// Has room for names of 8191 bytes.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <usher/plugin.hpp>

class ShortOfSpace final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event& event) override {
    const std::string_view user = event.session().user();
    if (user.size() >= sizeof name_) std::abort();  // As a hardened copy does.
    std::memcpy(name_, user.data(), user.size());
  }

 private:
  char name_[8192] = {};
};

USHER_PLUGIN(ShortOfSpace, "org.example.short-of-space", "1.0.0",
             usher::Events(usher::EventType::kSessionLogon));
