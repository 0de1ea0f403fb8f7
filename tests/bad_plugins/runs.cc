// Runs a program for each event, and says what became of it.
#include <map>
#include <stdexcept>
#include <string>

#include <usher/plugin.hpp>

namespace {

class Runs final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;

  void OnInit() override {
    const usher::Config config = host().Config();
    request_.program = config.GetString("program").value_or("/bin/true");
    request_.session_id = config.GetString("session").value_or("");
    cancels_ = config.GetBoolean("cancels").value_or(false);
    throws_ = config.GetBoolean("throws").value_or(false);
  }

  usher::Answer OnEvent(const usher::Event& event) override {
    const uint64_t seq = event.seq();
    request_.arguments = {"one", "two"};
    request_.variables = {{"SEQ", std::to_string(seq)}};
    request_.input = event.json();
    auto completion = std::make_shared<usher::Completion>(host(), event);
    runs_[seq] =
        host().Runner()->Start(request_, [this, seq, completion](const usher::RunResult& result) {
          host().LogInfo("run for " + std::to_string(seq) + ": " +
                         std::to_string(static_cast<int>(result.end())) + " " +
                         std::to_string(result.code()) + " " + std::string(result.meaning()) +
                         ", output " + std::string(result.output()) + "+" +
                         std::to_string(result.output_dropped()));
          completion->Done();
          runs_.erase(seq);
          if (throws_) throw std::runtime_error("no coffee");
        });
    if (cancels_) {
      runs_.clear();
      completion->Done();
    }
    return usher::Answer::kPending;
  }

  void OnStop() override { runs_.clear(); }

 private:
  usher::RunRequest request_;
  bool cancels_ = false;
  bool throws_ = false;
  std::map<uint64_t, usher::Run> runs_;
};

}  // namespace

USHER_PLUGIN(Runs, "org.example.runs", "1.0.0", usher::AllEvents,
             usher::Requires(USHER_EXT_CONFIG, USHER_EXT_RUN));
