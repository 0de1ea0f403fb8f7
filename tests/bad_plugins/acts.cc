// Has something done to the session of each logon, or of `user`'s logons only; with `other`, to
// that user's last session instead.
#include <map>
#include <string>

#include <usher/plugin.hpp>

namespace {

class Acts final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    action_ = static_cast<usher::SessionAction>(host().Config().GetInteger("action").value_or(0));
    user_ = host().Config().GetString("user").value_or("");
    other_ = host().Config().GetString("other").value_or("");
  }

  void OnEvent(const usher::Event& event) override {
    const std::string user(event.session().user());
    sessions_[user] = event.session().id();
    if (!user_.empty() && user != user_) return;
    host().SessionControl()->Request(action_, sessions_[other_.empty() ? user : other_]);
  }

 private:
  usher::SessionAction action_ = usher::SessionAction::kLock;
  std::string user_;
  std::string other_;
  std::map<std::string, std::string> sessions_;  ///< The last of each user.
};

}  // namespace

USHER_PLUGIN(Acts, "org.example.acts", "1.0.0", usher::Events(usher::EventType::kSessionLogon),
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_SESSION));
