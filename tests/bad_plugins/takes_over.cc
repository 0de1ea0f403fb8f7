// Makes itself at home in the broker's process.
#include <csignal>
#include <filesystem>

#include <usher/plugin.hpp>

class TakesOver final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnInit() override {
    std::filesystem::current_path("/");
    std::signal(SIGTERM, SIG_IGN);
  }
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(TakesOver, "org.example.takes-over", "1.0.0", usher::AllEvents);
