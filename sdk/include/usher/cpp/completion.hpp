// usher/cpp/completion.hpp: how an event ends that was answered with Answer::kPending.
#ifndef USHER_CPP_COMPLETION_HPP
#define USHER_CPP_COMPLETION_HPP

#include <cstdint>
#include <string>
#include <utility>

#include "usher/cpp/error.hpp"
#include "usher/cpp/host.hpp"
#include "usher/cpp/views.hpp"
#include "usher/plugin.h"

namespace usher {

/// The duty to end one event. Make it in OnEvent, move it to whoever does the work, on any thread,
/// and answer Answer::kPending; end it with Done or Fail, perhaps before OnEvent has returned. One
/// that is destroyed instead fails: a forgotten event is told, it does not hold the cursor for
/// ever. In OnStop it comes again with the next start, and nobody has failed; none may be left when
/// OnStop returns.
///
/// Movable, not copyable; each object is used by one thread at a time.
class [[nodiscard]] Completion {
 public:
  /// Ends nothing.
  Completion() noexcept = default;
  Completion(const Host& host, const Event& event) noexcept
      : host_(host.raw()), seq_(event.seq()) {}

  Completion(Completion&& other) noexcept
      : host_(std::exchange(other.host_, nullptr)), seq_(other.seq_) {}
  Completion& operator=(Completion&& other) noexcept {
    if (this == &other) return *this;
    Drop();
    host_ = std::exchange(other.host_, nullptr);
    seq_ = other.seq_;
    return *this;
  }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  ~Completion() { Drop(); }

  /// Whether Done or Fail would end an event.
  explicit operator bool() const noexcept { return host_ != nullptr; }
  /// The event's number in the log.
  [[nodiscard]] uint64_t seq() const noexcept { return seq_; }

  /// Acknowledges the event. False where the broker does not take it (any more): the instance is
  /// stopped, or OnEvent did not answer kPending. [any-thread]
  bool Done() noexcept { return End(USHER_OK, nullptr); }

  /// The event failed: a strike, and it is skipped. False as with Done. [any-thread]
  bool Fail(const Error& why) noexcept { return End(why.status(), why.what()); }
  bool Fail(const std::string& why) noexcept { return End(USHER_ERROR, why.c_str()); }

 private:
  bool End(usher_status status, const char* text) noexcept {
    const usher_host* const host = std::exchange(host_, nullptr);
    return host != nullptr && host->complete(host, seq_, status, text) == USHER_OK;
  }
  void Drop() noexcept { End(USHER_ERROR, "The plugin dropped the event without completing it."); }

  const usher_host* host_ = nullptr;
  uint64_t seq_ = 0;
};

}  // namespace usher

#endif
