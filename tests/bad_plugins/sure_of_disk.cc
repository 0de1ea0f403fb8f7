// Ends everything when it cannot store a value.
#include <cstdlib>
#include <string>

#include <usher/plugin.hpp>

class SureOfDisk final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event& event) override {
    try {
      host().Storage().Put("last", std::to_string(event.seq()));
    } catch (const usher::Error&) {
      std::abort();
    }
  }
};

USHER_PLUGIN(SureOfDisk, "org.example.sure-of-disk", "1.0.0", usher::AllEvents,
             usher::Requires(USHER_EXT_STORAGE));
