// Has room for a hundred sessions.
#include <stdexcept>

#include <usher/plugin.hpp>

class FewSessions final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnSnapshot(const usher::Snapshot& snapshot) override {
    if (snapshot.sessions().size() > 100) throw std::length_error("more than a hundred sessions");
  }
  void OnEvent(const usher::Event&) override {}
};

USHER_PLUGIN(FewSessions, "org.example.few-sessions", "1.0.0", usher::AllEvents);
