// Has something done to the session of each event, as its configuration says.
#include <usher/plugin.hpp>

namespace {

class Acts final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    action_ = static_cast<usher::SessionAction>(host().Config().GetInteger("action").value_or(0));
  }

  void OnEvent(const usher::Event& event) override {
    host().SessionControl()->Request(action_, std::string(event.session().id()));
  }

 private:
  usher::SessionAction action_ = usher::SessionAction::kLock;
};

}  // namespace

USHER_PLUGIN(Acts, "org.example.acts", "1.0.0", usher::Events(usher::EventType::kSessionLogon),
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_SESSION));
