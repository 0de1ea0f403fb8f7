// A good plugin that does with an event what a test wants, by files in the folder `gate` of its
// configuration. It notes each event in the file `notes` there, as "SEQ FLAGS". While there is a
// file `retry`, it answers RETRY; else PENDING, and a thread completes the event once there is a
// file named by its number: well if that is empty, else with its text as an error.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include <usher/plugin.hpp>

namespace {

class Gated final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;

  void OnInit() override {
    gate_ = std::string(host().Config().GetString("gate").value());
    thread_ = std::thread([this] { Watch(); });
  }

  usher::Answer OnEvent(const usher::Event& event) override {
    std::ofstream(gate_ / "notes", std::ios::app)
        << event.seq() << (event.redelivered() ? " again" : "") << std::endl;
    if (std::filesystem::exists(gate_ / "retry")) return usher::Answer::kRetry;
    const std::lock_guard lock(mutex_);
    open_.emplace_back(host(), event);
    return usher::Answer::kPending;
  }

  void OnStop() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    thread_.join();
    open_.clear();
  }

 private:
  void Watch() {
    for (bool stopped = false; !stopped;
         std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
      const std::lock_guard lock(mutex_);
      open_.remove_if([this](usher::Completion& open) { return Complete(open); });
      stopped = stopped_;
    }
  }

  bool Complete(usher::Completion& open) {
    std::ifstream file(gate_ / std::to_string(open.seq()));
    if (!file) return false;
    const std::string error(std::istreambuf_iterator<char>(file), {});
    error.empty() ? open.Done() : open.Fail(error);
    return true;
  }

  std::filesystem::path gate_;
  std::thread thread_;
  std::mutex mutex_;
  std::list<usher::Completion> open_;
  bool stopped_ = false;
};

}  // namespace

USHER_PLUGIN(Gated, "org.example.gated", "1.0.0",
             usher::Events(usher::EventType::kSessionLocked, usher::EventType::kSessionUnlocked,
                           usher::EventType::kSystemSuspending,
                           usher::EventType::kSystemShuttingDown),
             usher::Requires(USHER_EXT_CONFIG));
