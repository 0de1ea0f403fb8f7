// Writes down every call that it gets, so that a test knows what was delivered even when the broker
// is killed in the middle of it. A line a call, one write each:
//
//   init
//   snapshot AS_OF REASON
//   event SEQ FLAGS JSON
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include <usher/plugin.hpp>

namespace {

class Recorder final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  ~Recorder() override {
    if (fd_ >= 0) ::close(fd_);
  }

  void OnInit() override {
    const usher::Config config = host().Config();
    const std::string file(config.GetString("file").value_or("recorded"));
    delay_ = std::chrono::microseconds(config.GetInteger("delay_us").value_or(0));
    fail_every_ = config.GetInteger("fail_every").value_or(0);
    fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd_ < 0) throw usher::Error(USHER_IO, "cannot open " + file);
    Write("init");
  }

  void OnSnapshot(const usher::Snapshot& snapshot) override {
    Write("snapshot " + std::to_string(snapshot.as_of_seq()) + " " +
          std::to_string(static_cast<int>(snapshot.reason())));
  }

  void OnEvent(const usher::Event& event) override {
    const int flags = (event.synthetic() ? USHER_FLAG_SYNTHETIC : 0) |
                      (event.redelivered() ? USHER_FLAG_REDELIVERED : 0) |
                      (event.unlogged() ? USHER_FLAG_UNLOGGED : 0);
    Write("event " + std::to_string(event.seq()) + " " + std::to_string(flags) + " " +
          std::string(event.json()));
    std::this_thread::sleep_for(delay_);
    ++count_;
    if (fail_every_ > 0 && count_ % fail_every_ == 0) {
      throw usher::Error(USHER_ERROR, "it is a bad day");
    }
  }

 private:
  void Write(std::string line) {
    line += '\n';
    if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      throw usher::Error(USHER_IO, "cannot write down what was delivered");
    }
  }

  int fd_ = -1;
  std::chrono::microseconds delay_{0};
  int64_t fail_every_ = 0;
  int64_t count_ = 0;
};

}  // namespace

USHER_PLUGIN(Recorder, "org.example.recorder", "1.0.0", usher::AllEvents);
