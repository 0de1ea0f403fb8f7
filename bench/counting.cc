// Counts what it is told, in a counter of the process that it is loaded into: for the benches only.

#include <cstdint>
#include <optional>

#include <usher/plugin.hpp>

#include "counter.h"
#include "placement.h"

namespace {

class Counting final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    const int64_t address = host().Config().GetInteger("counter").value();
    counter_ = reinterpret_cast<bench::Counter*>(static_cast<uintptr_t>(address));
    far_ = host().Config().GetBoolean("far").value_or(false);
  }

  void OnEvent(const usher::Event& event) override {
    if (far_ && !stay_) stay_.emplace(bench::kReceiversProcessor);
    counter_->See(event.seq());
  }

 private:
  bench::Counter* counter_ = nullptr;
  bool far_ = false;
  std::optional<bench::Stay> stay_;  ///< From the first event on: those come on the thread.
};

}  // namespace

USHER_PLUGIN(Counting, "org.usher.bench.counting", "0.1.0", usher::AllEvents);
