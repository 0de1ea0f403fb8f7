// Asks for the sessions while it is being told the sessions, without end.
#include <usher/plugin.hpp>

class Recurses final : public usher::Plugin {
 public:
  using Plugin::Plugin;
  void OnEvent(const usher::Event&) override { Ask(); }

 private:
  void Ask() {
    host().VisitSessions([this](const usher::Snapshot&) {
      Ask();
      ++depth_;
    });
  }

  int depth_ = 0;
};

USHER_PLUGIN(Recurses, "org.example.recurses", "1.0.0", usher::AllEvents);
