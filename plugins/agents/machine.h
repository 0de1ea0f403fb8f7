#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <usher/plugin.hpp>

namespace agents {

/// A time by the broker's monotonic clock.
using Moment = std::chrono::microseconds;

/// Which ends of an agent have it started again.
enum class Restart : int32_t {
  kAlways,
  kOnFailure,  ///< All but the exit code 0.
  kNever,
};

/// How an agent that ends is treated. A value.
struct Rules {
  Restart restart = Restart::kAlways;
  std::set<int32_t> final_codes;  ///< Exit codes that mean "do not start me again".

  // The wait before the next try: `initial`, then `factor` times as long each time, up to `max`;
  // made longer or shorter by up to the part `jitter` of it.
  Moment initial{std::chrono::seconds(1)};
  Moment max{std::chrono::minutes(1)};
  double factor = 2;
  double jitter = 0.1;
  /// Who ran so long was well: the next try comes at once. Who ended sooner has failed to start.
  Moment healthy_after{std::chrono::seconds(10)};

  // So many ends within `window` are too many: then comes but one try each `probe`.
  int64_t limit = 10;
  Moment window{std::chrono::minutes(10)};
  Moment probe{std::chrono::minutes(10)};
};

/// What became of the agent: LaunchNews, as far as it counts here. A value.
struct News {
  usher::LaunchChange change = usher::LaunchChange::kStarted;
  int32_t code = 0;
  int64_t pid = 0;
  bool adopted = false;
  Moment duration{0};  ///< Of one that was adopted: for how long it has run.
  std::string meaning;
  std::string advice;
  usher::Remedy remedy = usher::Remedy::kRetry;
  usher::EventType until = usher::EventType::kUnknown;
};

/// What the machine is to bring about. A value.
struct Want {
  bool wanted = false;
  bool connected = false;  ///< Its session is on a console, or a remote terminal.
  std::string target;      ///< For whom it runs: where another one is named it is replaced.
  std::string why;         ///< Not wanted: what it waits for, a sentence.
};

/// Why an agent is stopped.
inline constexpr const char* kStoppedByAdministrator = "an administrator has stopped it";

/// What whoever asked the machine has to do now.
enum class Action : int32_t { kNone, kLaunch, kStop };

/// How it stands, for people. A value.
struct Description {
  usher::AgentState state = usher::AgentState::kWaiting;
  std::string reason;
  std::string last_exit;
  int64_t pid = 0;
  std::optional<Moment> next_try;
  uint64_t restarts = 0;

  friend bool operator==(const Description&, const Description&) = default;
};

/// One agent in one place: brings together what is wanted, what there is, and the time. Does
/// nothing itself and knows no clock: each call says what has come to pass and when, and answers
/// what is to be done about it. There is never more than one copy at a time: who is to be replaced
/// has ended before the next one is launched.
///
/// - Who ends though wanted is launched again: at once if it was well, else later each time; and
///   seldom, once that has happened too often, or only somebody's help can change it
///   (usher::Remedy::kFix). No end is the last one, but where the rules or an administrator say so.
/// - Each time that it becomes wanted anew, or for somebody else, it is tried at once.
/// - Whom somebody else has stopped is judged 3 s later: where its session ends by then, that was
///   all there was to it.
/// - Who ends within 3 s of a disconnection is judged once these are over: where the session is
///   connected again by then, that was all there was to it. Who fails to start in a session that
///   is not connected waits for that.
///
/// Not thread-safe.
class Machine {
 public:
  using Random = std::minstd_rand;

  /// Both must outlive this.
  Machine(const Rules& rules, Random& random) : rules_(&rules), random_(&random) {}

  /// What is wanted from now on; `happened` is what has just befallen its session, if anything.
  Action Wants(Moment now, Want want, usher::EventType happened = usher::EventType::kUnknown);

  // What an administrator wants.
  Action Stop(Moment now);
  Action Start(Moment now);
  Action Restart(Moment now);  ///< Ends it if there is one, and starts one in any case.
  Action Reset(Moment now);    ///< Forgets all failures; who waits is tried at once.

  /// News of the last one that was launched. What cannot be launched has failed to.
  Action Told(Moment now, const News& news);
  /// Due() has come.
  Action Tick(Moment now);

  /// When to call Tick; nothing: not at all.
  [[nodiscard]] std::optional<Moment> Due() const { return pause_until_; }
  /// Whether there is a copy, on its way up or down included.
  [[nodiscard]] bool HasOne() const { return have_ != Have::kNothing; }
  /// For whom it was launched last.
  [[nodiscard]] const std::string& Target() const { return target_; }
  [[nodiscard]] Description Describe() const;

 private:
  enum class Have : int32_t { kNothing, kLaunching, kRunning, kStopping };
  /// Why nothing is launched though wanted.
  enum class Pause : int32_t {
    kNone,
    kBackOff,
    kJudging,   ///< Its session was just disconnected.
    kStopped,   ///< Not by this broker: its session may be about to end.
    kDeferred,  ///< For an event.
    kGaveUp,
    kFinal,  ///< It is not to be started again.
  };

  Action Act(Moment now);
  void Notice(usher::EventType type);
  void Started(Moment now, const News& news);
  void Ended(Moment now, const News& news);
  void Judge(Moment now);
  void Failed(Moment now, const News& news);
  void Defer(Moment now, usher::EventType until, const std::string& reason);
  void TryAgain(Moment now, bool early, const std::string& reason);
  void Set(Pause pause, std::optional<Moment> until, std::string reason);
  [[nodiscard]] bool IsFinal(const News& news) const;
  [[nodiscard]] Moment NextDelay();

  const Rules* rules_;
  Random* random_;

  Want want_;
  bool stopped_ = false;  ///< By an administrator.
  bool replace_ = false;

  Have have_ = Have::kNothing;
  std::string target_;
  std::set<usher::EventType> seen_;  ///< Since it was launched.
  int64_t pid_ = 0;
  uint64_t launches_ = 0;
  Moment started_{0};
  std::optional<Moment> disconnected_;  ///< When its session was, while it is.
  News end_;                            ///< The last one, to be judged.
  Moment ended_{0};
  std::string last_exit_;

  Pause pause_ = Pause::kNone;
  std::optional<Moment> pause_until_;
  usher::EventType pause_for_ = usher::EventType::kUnknown;
  std::string pause_reason_;

  int64_t failures_ = 0;        ///< Since it was well.
  std::deque<Moment> history_;  ///< Ends that were not wanted, within the window.
  bool gave_up_ = false;        ///< Until it is well.
};

}  // namespace agents
