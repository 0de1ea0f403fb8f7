#pragma once

#include <sched.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace bench {

/// Where those are that hand something over. To wake a sleeping processor takes far longer than to
/// change threads on one that is awake, in a virtual machine above all, and left alone the
/// scheduler chooses anew each time: what is compared must be placed alike.
enum class Placement {
  kFree,  ///< As the scheduler likes.
  kNear,  ///< All threads on one processor.
  kFar,   ///< Sender and receiver on two of them; who stands between, as the scheduler likes.
};

inline constexpr unsigned kSendersProcessor = 0;
inline constexpr unsigned kReceiversProcessor = 1;

/// Keeps the calling thread, and those that it begins meanwhile, on a processor as long as it
/// lives: the first one where there are not so many. Throws std::system_error. See
/// sched_setaffinity(2).
class Stay {
 public:
  explicit Stay(unsigned processor) {
    Check(::sched_getaffinity(0, sizeof before_, &before_));
    cpu_set_t there;
    CPU_ZERO(&there);
    CPU_SET(processor < std::thread::hardware_concurrency() ? processor : 0, &there);
    Check(::sched_setaffinity(0, sizeof there, &there));
  }
  ~Stay() { ::sched_setaffinity(0, sizeof before_, &before_); }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

 private:
  static void Check(int result) {
    if (result != 0) throw std::system_error(errno, std::generic_category(), "processor affinity");
  }

  cpu_set_t before_ = {};
};

}  // namespace bench
