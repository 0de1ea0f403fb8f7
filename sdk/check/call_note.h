#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include "event/event.h"
#include "event/mutex.h"
#include "event/status.h"

namespace broker::check {

/// Which call into the plugin is under way, in memory that the checking process shares with the one
/// that looks after it: so a call that never returns, or crashes, can be named.
class CallNote {
 public:
  /// Instances that may be called at the same time have one each.
  static constexpr size_t kSlots = 4;

  /// A call under way.
  struct Open {
    std::string text;  ///< "on_event() with event 4 session.logon"
    Condition::TimePoint since;
  };

  /// Makes the file at `path`, or maps the one that is there.
  static Result<CallNote> Map(const std::string& path);

  /// From the slot's own thread. `call` and `type` (null: none) are copied.
  void Begin(size_t slot, const char* call, Seq seq, const char* type) noexcept;
  void End(size_t slot) noexcept;

  /// What the fuzzer is playing; 0 = nothing.
  void SetSeed(uint64_t seed) noexcept { Shared().seed = seed; }
  [[nodiscard]] uint64_t Seed() const noexcept { return Shared().seed; }

  /// The call that was begun first of those under way. Any process.
  [[nodiscard]] std::optional<Open> Oldest() const;

 private:
  struct Slot {
    std::atomic<int64_t> since_ns;  ///< On the steady clock; 0 = no call is under way.
    std::atomic<Seq> seq;
    std::array<char, 24> call;
    std::array<char, 64> type;
  };
  struct Memory {
    std::array<Slot, kSlots> slots;
    std::atomic<uint64_t> seed;
  };
  static_assert(std::atomic<int64_t>::is_always_lock_free);

  explicit CallNote(boost::interprocess::mapped_region region) : region_(std::move(region)) {}
  [[nodiscard]] Memory& Shared() const noexcept {
    return *static_cast<Memory*>(region_.get_address());
  }

  boost::interprocess::mapped_region region_;
};

}  // namespace broker::check
