// usher/cpp/timer.hpp: calls at a later time, on the instance's own thread.
#ifndef USHER_CPP_TIMER_HPP
#define USHER_CPP_TIMER_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "usher/cpp/error.hpp"
#include "usher/ext/timer.h"

namespace usher {

/// One timer, which goes on as long as this lives: keep it in a member. Its function may cancel or
/// replace it.
///
/// Movable, not copyable. [plugin-thread]
class [[nodiscard]] Timer {
 public:
  /// None.
  Timer() noexcept = default;
  Timer(Timer&& other) noexcept = default;
  Timer& operator=(Timer&& other) noexcept {
    if (this == &other) return *this;
    Cancel();
    state_ = std::move(other.state_);
    return *this;
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { Cancel(); }

  /// Forgets it; one that is not there is no error.
  void Cancel() noexcept {
    if (state_ == nullptr) return;
    state_->table->cancel(state_->host, state_->timer);
    state_.reset();
  }

 private:
  friend class Timers;

  /// What the C callback works on; alive while it runs, whoever cancels meanwhile.
  struct State : std::enable_shared_from_this<State> {
    const usher_host* host = nullptr;
    const usher_ext_timer* table = nullptr;
    usher_timer timer = 0;
    std::function<void()> function;

    static usher_status Call(void* context, usher_timer, usher_error* error) noexcept {
      return detail::Guard(error, [context] {
        const auto state = static_cast<State*>(context)->shared_from_this();
        state->function();
      });
    }
  };

  std::shared_ptr<State> state_;
};

/// Starts timers. What a timer calls may do what OnEvent may; an exception is a strike, as one of
/// OnEvent is. usher/ext/timer.h has the limits. Start throws Error when the broker refuses.
///
/// [plugin-thread]
class Timers {
 public:
  using Table = usher_ext_timer;
  static constexpr const char* kId = USHER_EXT_TIMER;

  Timers(const usher_host* host, const usher_ext_timer& table) noexcept
      : host_(host), table_(&table) {}

  /// Calls `function` once, after `delay`.
  Timer After(std::chrono::microseconds delay, std::function<void()> function) const {
    return Start(delay, std::chrono::microseconds(0), std::move(function));
  }

  /// Calls `function` every `period`, for the first time after one.
  Timer Every(std::chrono::microseconds period, std::function<void()> function) const {
    return Start(period, period, std::move(function));
  }

  /// The monotonic time that timers go by, the one of Event::monotonic(). [any-thread]
  [[nodiscard]] std::chrono::microseconds Now() const {
    int64_t now = 0;
    detail::Check(table_->now(host_, nullptr, &now), "asking for the time");
    return std::chrono::microseconds(now);
  }

 private:
  Timer Start(std::chrono::microseconds delay, std::chrono::microseconds period,
              std::function<void()> function) const {
    auto state = std::make_shared<Timer::State>();
    state->host = host_;
    state->table = table_;
    state->function = std::move(function);
    usher_error error = detail::EmptyError();
    detail::Check(table_->start(host_, delay.count(), period.count(), &Timer::State::Call,
                                state.get(), &state->timer, &error),
                  "starting a timer", error.text);
    Timer timer;
    timer.state_ = std::move(state);
    return timer;
  }

  const usher_host* host_;
  const usher_ext_timer* table_;
};

}  // namespace usher

#endif
