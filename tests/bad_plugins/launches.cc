// Launches an agent in the session of each logon, stops it at the logoff, and says what became of
// it.
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <usher/plugin.hpp>

namespace {

class Launches final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    const usher::Config config = host().Config();
    request_.agent = config.GetString("agent").value_or("tray");
    request_.program = config.GetString("program").value_or("/opt/example/agent");
    request_.token = static_cast<usher::Token>(config.GetInteger("token").value_or(0));
    session_id_ = config.GetString("session").value_or("");
    arguments_ = static_cast<size_t>(config.GetInteger("arguments").value_or(1));
    request_.keep = config.GetBoolean("stays").value_or(true);
    if (config.GetBoolean("of_user").value_or(false)) request_.scope = usher::LaunchScope::kUser;
    releases_ = config.GetBoolean("releases").value_or(false);
    throws_ = config.GetBoolean("throws").value_or(false);
    keeps_ = config.GetBoolean("keeps").value_or(false);
  }

  void OnEvent(const usher::Event& event) override {
    if (event.type() == usher::EventType::kSessionLogon) return Start(event);
    if (event.type() == usher::EventType::kSessionLogoff) return End();
    Tell();
  }

 private:
  void Start(const usher::Event& event) {
    request_.session_id = session_id_.empty() ? event.session().id() : session_id_;
    request_.arguments.assign(arguments_, "--quiet");
    request_.variables = {{"SEQ", std::to_string(event.seq())}};
    request_.limits.tasks = 7;
    request_.ready_when = USHER_READY_DISPLAY;
    if (keeps_) kept_.push_back(std::move(launch_));
    try {
      launch_ = host().Launcher()->Start(request_,
                                         [this](const usher::LaunchNews& news) { Heard(news); });
    } catch (const usher::Error& error) {
      host().LogInfo(error.what());
    }
  }

  void End() {
    if (releases_) {
      launch_ = {};
    } else {
      launch_.Stop();
    }
  }

  // Another event: what is known is shown, and said.
  void Tell() {
    for (const usher::ListedAgent& listed : host().Launcher()->List()) {
      host().LogInfo("listed: " + listed.agent + " in " + listed.session_id + " " +
                     std::to_string(listed.pid));
    }
    usher::AgentStatus status;
    status.agent = request_.agent;
    status.session_id = request_.session_id;
    status.state = usher::AgentState::kBackingOff;
    status.reason = "it died";
    status.next_try_us = 1;
    status.restarts = 3;
    host().Launcher()->Describe(status);
    host().Launcher()->Settle();
  }

  void Heard(const usher::LaunchNews& news) {
    host().LogInfo("heard: " + std::to_string(static_cast<int>(news.change())) + " " +
                   std::to_string(news.code()) + " " + std::to_string(news.pid()) + " " +
                   (news.adopted() ? "adopted" : "new") + ", " + std::string(news.stage()) + ", " +
                   std::string(news.meaning()) + ", " + std::string(news.advice()) + ", " +
                   std::to_string(static_cast<int>(news.remedy())) + " " +
                   std::to_string(static_cast<int>(news.until())));
    if (throws_) throw std::runtime_error("no coffee");
  }

  usher::LaunchRequest request_;
  usher::Launch launch_;
  std::vector<usher::Launch> kept_;
  std::string session_id_;  // Empty: the event's.
  size_t arguments_ = 1;
  bool releases_ = false;
  bool throws_ = false;
  bool keeps_ = false;
};

}  // namespace

USHER_PLUGIN(Launches, "org.example.launches", "1.0.0", usher::AllEvents,
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_LAUNCH));
