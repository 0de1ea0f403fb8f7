// Counts what it is told, in a counter of the process that it is loaded into: for the benches only.

#include <cstdint>

#include <usher/plugin.hpp>

#include "counter.h"

namespace {

class Counting final : public usher::Plugin {
 public:
  using Plugin::Plugin;

  void OnInit() override {
    const int64_t address = host().Config().GetInteger("counter").value();
    counter_ = reinterpret_cast<bench::Counter*>(static_cast<uintptr_t>(address));
  }

  void OnEvent(const usher::Event& event) override { counter_->See(event.seq()); }

 private:
  bench::Counter* counter_ = nullptr;
};

}  // namespace

USHER_PLUGIN(Counting, "org.usher.bench.counting", "0.1.0", usher::AllEvents);
