// usher/cpp/runner.hpp: programs that run once.
#ifndef USHER_CPP_RUNNER_HPP
#define USHER_CPP_RUNNER_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "usher/cpp/error.hpp"
#include "usher/cpp/program_texts.hpp"
#include "usher/ext/run.h"

namespace usher {

/// Whose rights a program has.
enum class RunAs : int32_t {
  kRoot = USHER_RUN_AS_ROOT,
  kSessionUser = USHER_RUN_AS_SESSION_USER,
};

/// How a run ended.
enum class RunEnd : int32_t {
  kExited = USHER_RUN_EXITED,
  kSignaled = USHER_RUN_SIGNALED,
  kTimedOut = USHER_RUN_TIMED_OUT,
  kNotStarted = USHER_RUN_NOT_STARTED,
  kLost = USHER_RUN_LOST,
};

/// What to run; usher/ext/run.h says what each may be. A value.
struct RunRequest {
  RunAs run_as = RunAs::kRoot;
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables;
  std::string input;
  std::string session_id;  ///< Empty: no session.
  std::string directory;   ///< Empty: the user's home.
  std::chrono::microseconds time_limit{std::chrono::seconds(30)};
  size_t output_limit = 4096;
  uint64_t cause = 0;  ///< 0: the event at hand.
};

/// How a run ended: a view, valid during the call that it is passed to.
class RunResult {
 public:
  explicit RunResult(const usher_run_result& raw) noexcept : raw_(&raw) {}

  [[nodiscard]] RunEnd end() const noexcept { return static_cast<RunEnd>(raw_->end); }
  [[nodiscard]] bool succeeded() const noexcept {
    return raw_->end == USHER_RUN_EXITED && raw_->code == 0;
  }
  [[nodiscard]] int32_t code() const noexcept { return raw_->code; }
  [[nodiscard]] std::string_view stage() const noexcept { return raw_->stage; }
  [[nodiscard]] std::string_view call() const noexcept { return raw_->call; }
  [[nodiscard]] std::string_view meaning() const noexcept { return raw_->meaning; }
  [[nodiscard]] std::string_view output() const noexcept {
    return {raw_->output, raw_->output_size};
  }
  [[nodiscard]] uint64_t output_dropped() const noexcept { return raw_->output_dropped; }
  [[nodiscard]] std::chrono::microseconds duration() const noexcept {
    return std::chrono::microseconds(raw_->duration_us);
  }
  [[nodiscard]] const usher_run_result& raw() const noexcept { return *raw_; }

 private:
  const usher_run_result* raw_;
};

/// One run, which goes on as long as this lives: keep it in a member. It is cancelled with this,
/// and its function is not called then. The function may replace or cancel it.
///
/// Movable, not copyable. [plugin-thread]
class [[nodiscard]] Run {
 public:
  /// None.
  Run() noexcept = default;
  Run(Run&& other) noexcept = default;
  Run& operator=(Run&& other) noexcept {
    if (this == &other) return *this;
    Cancel();
    state_ = std::move(other.state_);
    return *this;
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { Cancel(); }

  /// Ends the program and all that it started; one that has ended is no error.
  void Cancel() noexcept {
    if (state_ == nullptr) return;
    state_->table->cancel(state_->host, state_->run);
    state_.reset();
  }

 private:
  friend class Runner;

  /// What the C callback works on; alive while it runs, whoever cancels meanwhile.
  struct State : std::enable_shared_from_this<State> {
    const usher_host* host = nullptr;
    const usher_ext_run* table = nullptr;
    usher_run run = 0;
    std::function<void(const RunResult&)> function;

    static usher_status Ended(void* context, usher_run, const usher_run_result* result,
                              usher_error* error) noexcept {
      return detail::Guard(error, [context, result] {
        const auto state = static_cast<State*>(context)->shared_from_this();
        state->function(RunResult(*result));
      });
    }
  };

  std::shared_ptr<State> state_;
};

/// Runs programs. What is called at the end of a run may do what OnEvent may; an exception is a
/// strike, as one of OnEvent is. usher/ext/run.h has the limits.
///
/// [plugin-thread]
class Runner {
 public:
  using Table = usher_ext_run;
  static constexpr const char* kId = USHER_EXT_RUN;

  Runner(const usher_host* host, const usher_ext_run& table) noexcept
      : host_(host), table_(&table) {}

  /// Begins a run; `function` is called once it has ended, never before this has returned. Throws
  /// Error when the broker refuses.
  Run Start(const RunRequest& request, std::function<void(const RunResult&)> function) const {
    auto state = std::make_shared<Run::State>();
    state->host = host_;
    state->table = table_;
    state->function = std::move(function);
    const RawRequest raw(request);
    usher_error error = detail::EmptyError();
    detail::Check(
        table_->start(host_, &raw.request, &Run::State::Ended, state.get(), &state->run, &error),
        "running \"" + request.program + "\"", error.text);
    Run run;
    run.state_ = std::move(state);
    return run;
  }

 private:
  /// The request as C has it: a view of the other.
  struct RawRequest {
    explicit RawRequest(const RunRequest& from) : texts(from.arguments, from.variables) {
      request.size = sizeof request;
      texts.PutInto(request);
      request.run_as = static_cast<usher_run_user>(from.run_as);
      request.program = from.program.c_str();
      request.input = from.input.data();
      request.input_size = from.input.size();
      request.session_id = from.session_id.empty() ? nullptr : from.session_id.c_str();
      request.directory = from.directory.empty() ? nullptr : from.directory.c_str();
      request.time_limit_us = from.time_limit.count();
      request.output_limit = from.output_limit;
      request.cause = from.cause;
    }

    const detail::ProgramTexts texts;
    usher_run_request request{};
  };

  const usher_host* host_;
  const usher_ext_run* table_;
};

}  // namespace usher

#endif
