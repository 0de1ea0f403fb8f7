#include "plugin_host/strikes.h"

namespace broker {

uint32_t Strikes::Add(int64_t monotonic_us) {
  times_.push_back(monotonic_us);
  while (times_.front() <= monotonic_us - kWindowUs || times_.size() > kLimit) times_.pop_front();
  return static_cast<uint32_t>(times_.size());
}

}  // namespace broker
