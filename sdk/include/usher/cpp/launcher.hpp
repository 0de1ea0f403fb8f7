// usher/cpp/launcher.hpp: agents, programs that run in a session.
#ifndef USHER_CPP_LAUNCHER_HPP
#define USHER_CPP_LAUNCHER_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "usher/cpp/error.hpp"
#include "usher/cpp/event_type.hpp"
#include "usher/cpp/program_texts.hpp"
#include "usher/ext/launch.h"

namespace usher {

/// Whose rights an agent has.
enum class Token : int32_t {
  kUser = USHER_TOKEN_USER,
  kElevated = USHER_TOKEN_ELEVATED,
  kSystem = USHER_TOKEN_SYSTEM,
};

/// On which desktop of its session an agent shows itself.
enum class Desktop : int32_t {
  kDefault = USHER_DESKTOP_DEFAULT,
  kWinlogon = USHER_DESKTOP_WINLOGON,
};

/// What an agent belongs to, and ends with.
enum class LaunchScope : int32_t {
  kSession = USHER_SCOPE_SESSION,
  kUser = USHER_SCOPE_USER,
};

/// What became of an agent.
enum class LaunchChange : int32_t {
  kStarted = USHER_LAUNCH_STARTED,
  kExited = USHER_LAUNCH_EXITED,
  kSignaled = USHER_LAUNCH_SIGNALED,
  kStopped = USHER_LAUNCH_STOPPED,
  kLost = USHER_LAUNCH_LOST,
  kFailed = USHER_LAUNCH_FAILED,
};

/// What is to be done about an agent that did not start.
enum class Remedy : int32_t {
  kRetry = USHER_REMEDY_RETRY,
  kDefer = USHER_REMEDY_DEFER,
  kFix = USHER_REMEDY_FIX,
  kDrop = USHER_REMEDY_DROP,
};

/// How an agent is, as its supervisor sees it.
enum class AgentState : int32_t {
  kWaiting = USHER_AGENT_WAITING,
  kLaunching = USHER_AGENT_LAUNCHING,
  kRunning = USHER_AGENT_RUNNING,
  kStopping = USHER_AGENT_STOPPING,
  kBackingOff = USHER_AGENT_BACKING_OFF,
  kGaveUp = USHER_AGENT_GAVE_UP,
  kStopped = USHER_AGENT_STOPPED,
  kGone = USHER_AGENT_GONE,
};

/// Which agent, and how; usher/ext/launch.h says what each may be. A value.
struct LaunchRequest {
  std::string agent;
  std::string session_id;
  Token token = Token::kUser;
  Desktop desktop = Desktop::kDefault;
  LaunchScope scope = LaunchScope::kSession;
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables;
  std::string directory;  ///< Empty: the user's home.
  usher_launch_limits limits{0, 0, 0, 0};
  uint32_t ready_when = 0;  ///< USHER_READY_…
  bool keep = true;
  std::chrono::microseconds ready_timeout{std::chrono::seconds(30)};
  std::chrono::microseconds stop_time{std::chrono::seconds(5)};
  uint64_t cause = 0;  ///< 0: the event at hand.
};

/// What became of an agent: a view, valid during the call that it is passed to.
class LaunchNews {
 public:
  explicit LaunchNews(const usher_launch_news& raw) noexcept : raw_(&raw) {}

  [[nodiscard]] LaunchChange change() const noexcept {
    return static_cast<LaunchChange>(raw_->change);
  }
  [[nodiscard]] int32_t code() const noexcept { return raw_->code; }
  [[nodiscard]] bool adopted() const noexcept { return raw_->adopted != 0; }
  [[nodiscard]] int64_t pid() const noexcept { return raw_->pid; }
  [[nodiscard]] std::chrono::microseconds duration() const noexcept {
    return std::chrono::microseconds(raw_->duration_us);
  }
  [[nodiscard]] std::string_view stage() const noexcept { return raw_->stage; }
  [[nodiscard]] std::string_view call() const noexcept { return raw_->call; }
  [[nodiscard]] std::string_view meaning() const noexcept { return raw_->meaning; }
  [[nodiscard]] std::string_view advice() const noexcept { return raw_->advice; }
  [[nodiscard]] Remedy remedy() const noexcept { return static_cast<Remedy>(raw_->remedy); }
  [[nodiscard]] EventType until() const noexcept { return static_cast<EventType>(raw_->until); }
  [[nodiscard]] const usher_launch_news& raw() const noexcept { return *raw_; }

 private:
  const usher_launch_news* raw_;
};

/// An agent that was started and has not ended. A value.
struct ListedAgent {
  std::string agent;
  std::string session_id;
  int64_t pid = 0;  ///< 0: it is not at work yet.
};

/// How an agent is, for `usherctl agents`. A value.
struct AgentStatus {
  std::string agent;
  std::string session_id;
  AgentState state = AgentState::kWaiting;
  std::string last_exit;
  std::string reason;
  int64_t pid = 0;
  int64_t next_try_us = 0;  ///< UTC microseconds; 0: none.
  uint64_t restarts = 0;
  uint64_t cause = 0;
};

/// One agent that was asked for: keep it in a member as long as its news are wanted. The agent goes
/// on without this if it is kept, else it ends with it. Its function may replace or drop this.
///
/// Movable, not copyable. [plugin-thread]
class [[nodiscard]] Launch {
 public:
  /// None.
  Launch() noexcept = default;
  Launch(Launch&&) noexcept = default;
  Launch& operator=(Launch&& other) noexcept {
    if (this == &other) return *this;
    Release();
    state_ = std::move(other.state_);
    return *this;
  }
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;
  ~Launch() { Release(); }

  explicit operator bool() const noexcept { return state_ != nullptr; }

  /// Asks the agent to end; its function is told. One that has ended is no error.
  void Stop() noexcept {
    if (state_ != nullptr) state_->table->stop(state_->host, state_->launch);
  }

 private:
  friend class Launcher;

  /// What the C callback works on; alive while it runs, whoever releases meanwhile.
  struct State : std::enable_shared_from_this<State> {
    const usher_host* host = nullptr;
    const usher_ext_launch* table = nullptr;
    usher_launch launch = 0;
    std::function<void(const LaunchNews&)> function;

    static usher_status Told(void* context, usher_launch, const usher_launch_news* news,
                             usher_error* error) noexcept {
      return detail::Guard(error, [context, news] {
        const auto state = static_cast<State*>(context)->shared_from_this();
        state->function(LaunchNews(*news));
      });
    }
  };

  void Release() noexcept {
    if (state_ == nullptr) return;
    state_->table->release(state_->host, state_->launch);
    state_.reset();
  }

  std::shared_ptr<State> state_;
};

/// Runs agents in sessions. What is called with their news may do what OnEvent may; an exception is
/// a strike, as one of OnEvent is. usher/ext/launch.h has the limits and what is promised.
///
/// [plugin-thread]
class Launcher {
 public:
  using Table = usher_ext_launch;
  static constexpr const char* kId = USHER_EXT_LAUNCH;

  Launcher(const usher_host* host, const usher_ext_launch& table) noexcept
      : host_(host), table_(&table) {}

  /// Starts an agent, or takes over the one that runs; `function` is called with what becomes of
  /// it, never before this has returned, and no more once the Launch is gone. Throws Error when the
  /// broker refuses.
  Launch Start(const LaunchRequest& request,
               std::function<void(const LaunchNews&)> function) const {
    auto state = std::make_shared<Launch::State>();
    state->host = host_;
    state->table = table_;
    state->function = std::move(function);
    const RawRequest raw(request);
    usher_error error = detail::EmptyError();
    detail::Check(table_->start(host_, &raw.request, &Launch::State::Told, state.get(),
                                &state->launch, &error),
                  "launching \"" + request.agent + "\"", error.text);
    Launch launch;
    launch.state_ = std::move(state);
    return launch;
  }

  /// All that is wanted has been started: what else runs from before is ended. Throws Error.
  void Settle() const { detail::Check(table_->settle(host_), "settling the agents", ""); }

  /// The agents that this instance has started and that have not ended. Throws Error.
  [[nodiscard]] std::vector<ListedAgent> List() const {
    std::vector<ListedAgent> listed;
    const auto add = [](void* all, usher_launch, const char* agent, const char* session_id,
                        const usher_launch_news* news) {
      static_cast<std::vector<ListedAgent>*>(all)->push_back({agent, session_id, news->pid});
    };
    detail::Check(table_->list(host_, add, &listed), "listing the agents", "");
    return listed;
  }

  /// Says how an agent is. Throws Error.
  void Describe(const AgentStatus& status) const {
    usher_agent_status raw{};
    raw.size = sizeof raw;
    raw.state = static_cast<usher_agent_state>(status.state);
    raw.agent = status.agent.c_str();
    raw.session_id = status.session_id.c_str();
    raw.last_exit = status.last_exit.c_str();
    raw.reason = status.reason.c_str();
    raw.pid = status.pid;
    raw.next_try_us = status.next_try_us;
    raw.restarts = status.restarts;
    raw.cause = status.cause;
    usher_error error = detail::EmptyError();
    detail::Check(table_->describe(host_, &raw, &error), "describing \"" + status.agent + "\"",
                  error.text);
  }

 private:
  /// The request as C has it: a view of the other.
  struct RawRequest {
    explicit RawRequest(const LaunchRequest& from) : texts(from.arguments, from.variables) {
      request.size = sizeof request;
      texts.PutInto(request);
      request.token = static_cast<usher_launch_token>(from.token);
      request.agent = from.agent.c_str();
      request.session_id = from.session_id.c_str();
      request.program = from.program.c_str();
      request.directory = from.directory.empty() ? nullptr : from.directory.c_str();
      request.desktop = static_cast<usher_launch_desktop>(from.desktop);
      request.scope = static_cast<usher_launch_scope>(from.scope);
      request.limits = from.limits;
      request.ready_when = from.ready_when;
      request.keep = from.keep ? 1 : 0;
      request.ready_timeout_us = from.ready_timeout.count();
      request.stop_time_us = from.stop_time.count();
      request.cause = from.cause;
    }

    const detail::ProgramTexts texts;
    usher_launch_request request{};
  };

  const usher_host* host_;
  const usher_ext_launch* table_;
};

}  // namespace usher

#endif
