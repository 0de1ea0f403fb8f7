// Has something done to the session of each logon, or of one user's, as its configuration says.
#include <string>

#include <usher/plugin.hpp>

namespace {

class Acts final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    action_ = static_cast<usher::SessionAction>(host().Config().GetInteger("action").value_or(0));
    user_ = host().Config().GetString("user").value_or("");
  }

  void OnEvent(const usher::Event& event) override {
    if (!user_.empty() && event.session().user() != user_) return;
    host().SessionControl()->Request(action_, std::string(event.session().id()));
  }

 private:
  usher::SessionAction action_ = usher::SessionAction::kLock;
  std::string user_;
};

}  // namespace

USHER_PLUGIN(Acts, "org.example.acts", "1.0.0", usher::Events(usher::EventType::kSessionLogon),
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_SESSION));
