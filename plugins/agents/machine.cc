#include "machine.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace agents {
namespace {

using usher::AgentState;
using usher::EventType;
using usher::LaunchChange;
using usher::Remedy;

constexpr Moment kDisconnectGrace = std::chrono::seconds(3);
// In which it is told of the end of a session whose agents have been stopped with it.
constexpr Moment kLogoffGrace = std::chrono::seconds(3);

constexpr const char* kByOthers =
    "; not by this broker: `usherctl agents stop` is what it stays stopped by";

}  // namespace

Action Machine::Wants(Moment now, Want want, EventType happened) {
  if (happened != EventType::kUnknown) Notice(happened);
  if (want_.connected && !want.connected) disconnected_ = now;
  if (want.connected) disconnected_.reset();
  // What kept it from running for one says nothing about another.
  if (want.target != want_.target) Set(Pause::kNone, {}, "");
  want_ = std::move(want);
  if (want_.connected && pause_ == Pause::kJudging) Set(Pause::kNone, {}, "");
  return Act(now);
}

Action Machine::Stop(Moment now) {
  stopped_ = true;
  return Act(now);
}

Action Machine::Start(Moment now) {
  stopped_ = false;
  Set(Pause::kNone, {}, "");
  return Act(now);
}

Action Machine::Restart(Moment now) {
  replace_ = have_ == Have::kLaunching || have_ == Have::kRunning;
  return Start(now);
}

Action Machine::Reset(Moment now) {
  failures_ = 0;
  history_.clear();
  gave_up_ = false;
  Set(Pause::kNone, {}, "");
  return Act(now);
}

Action Machine::Told(Moment now, const News& news) {
  if (have_ == Have::kNothing) return Action::kNone;
  if (news.change == LaunchChange::kStarted) {
    Started(now, news);
  } else {
    Ended(now, news);
  }
  return Act(now);
}

void Machine::Notice(EventType type) {
  if (have_ != Have::kNothing) seen_.insert(type);
  const bool awaited = pause_ == Pause::kDeferred && pause_for_ == type;
  // What the logon screen refuses works once somebody comes to it.
  const bool helps = pause_ == Pause::kGaveUp && type == EventType::kSessionConnected;
  if (awaited || helps) Set(Pause::kNone, {}, "");
}

Action Machine::Tick(Moment now) {
  if (pause_until_ && *pause_until_ <= now) {
    const bool judge = pause_ == Pause::kJudging || pause_ == Pause::kStopped;
    Set(Pause::kNone, {}, "");
    if (judge) Judge(now);
  }
  return Act(now);
}

/// What is wanted, what there is, and the time make what is to be done.
Action Machine::Act(Moment now) {
  const bool wanted = want_.wanted && !stopped_;
  if (have_ == Have::kStopping) return Action::kNone;
  if (have_ != Have::kNothing) {
    if (wanted && !replace_ && target_ == want_.target) return Action::kNone;
    have_ = Have::kStopping;
    return Action::kStop;
  }
  if (!wanted) Set(Pause::kNone, {}, "");
  if (!wanted || pause_ != Pause::kNone) return Action::kNone;
  have_ = Have::kLaunching;
  target_ = want_.target;
  replace_ = false;
  seen_.clear();
  started_ = now;
  ++launches_;
  return Action::kLaunch;
}

void Machine::Started(Moment now, const News& news) {
  started_ = news.adopted ? now - news.duration : now;
  pid_ = news.pid;
  if (have_ == Have::kLaunching) have_ = Have::kRunning;
}

void Machine::Ended(Moment now, const News& news) {
  const bool asked = have_ == Have::kStopping;
  have_ = Have::kNothing;
  pid_ = 0;
  last_exit_ = news.meaning;
  if (asked) return;
  end_ = news;
  ended_ = now;
  if (news.change == LaunchChange::kStopped) {
    end_.meaning += kByOthers;
    return Set(Pause::kStopped, now + kLogoffGrace, end_.meaning);
  }
  const bool ran = news.change != LaunchChange::kFailed;
  if (ran && disconnected_ && now < *disconnected_ + kDisconnectGrace) {
    return Set(Pause::kJudging, *disconnected_ + kDisconnectGrace,
               "it ended when its session was disconnected: " + news.meaning);
  }
  Judge(now);
}

/// What is to become of an agent that has ended though it was wanted.
void Machine::Judge(Moment now) {
  if (end_.change == LaunchChange::kFailed) return Failed(now, end_);
  const bool early = ended_ - started_ < rules_->healthy_after;
  if (!early) {
    failures_ = 0;
    gave_up_ = false;
  }
  if (IsFinal(end_)) return Set(Pause::kFinal, {}, end_.meaning);
  if (!early || end_.change == LaunchChange::kStopped) return TryAgain(now, early, end_.meaning);
  Failed(now, end_);
  if (end_.remedy == Remedy::kRetry && !want_.connected && !gave_up_) {
    Defer(now, EventType::kSessionConnected, end_.meaning);
  }
}

/// Does what is known to help an agent that did not start, or hardly.
void Machine::Failed(Moment now, const News& news) {
  const std::string advice = news.advice.empty() ? "" : "; " + news.advice;
  switch (news.remedy) {
    case Remedy::kDefer:
      return Defer(now, news.until, news.meaning);
    case Remedy::kDrop:
      return Defer(now, EventType::kUnknown, news.meaning);
    case Remedy::kFix:
      return Set(Pause::kGaveUp, now + rules_->probe, news.meaning + advice);
    case Remedy::kRetry:
      break;
  }
  TryAgain(now, true, news.meaning + advice);
}

/// Waits for an event; a seldom try is there for one that never comes.
void Machine::Defer(Moment now, EventType until, const std::string& reason) {
  if (until != EventType::kUnknown && seen_.count(until) != 0) {
    return Set(Pause::kBackOff, now + rules_->initial, reason);
  }
  const std::string what =
      until == EventType::kUnknown ? "" : "; it waits for " + std::string(usher::Name(until));
  Set(Pause::kDeferred, now + rules_->probe, reason + what);
  pause_for_ = until;
}

void Machine::TryAgain(Moment now, bool early, const std::string& reason) {
  history_.push_back(now);
  while (history_.front() <= now - rules_->window) history_.pop_front();
  if (early) ++failures_;
  if (gave_up_ || static_cast<int64_t>(history_.size()) >= rules_->limit) {
    gave_up_ = true;
    return Set(Pause::kGaveUp, now + rules_->probe, reason);
  }
  if (early) Set(Pause::kBackOff, now + NextDelay(), reason);
}

void Machine::Set(Pause pause, std::optional<Moment> until, std::string reason) {
  pause_ = pause;
  pause_until_ = until;
  pause_for_ = EventType::kUnknown;
  pause_reason_ = std::move(reason);
}

bool Machine::IsFinal(const News& news) const {
  const bool exited = news.change == LaunchChange::kExited;
  if (exited && rules_->final_codes.count(news.code) != 0) return true;
  return rules_->restart == Restart::kNever ||
         (rules_->restart == Restart::kOnFailure && exited && news.code == 0);
}

Moment Machine::NextDelay() {
  if (rules_->initial == Moment(0)) return rules_->initial;
  const auto longest = static_cast<double>(rules_->max.count());
  const double grown = static_cast<double>(rules_->initial.count()) *
                       std::pow(rules_->factor, static_cast<double>(failures_ - 1));
  const double delay = std::min(grown, longest);
  const double off = std::uniform_real_distribution<double>(-1, 1)(*random_) * rules_->jitter;
  return Moment(static_cast<int64_t>(std::min(delay * (1 + off), longest)));
}

Description Machine::Describe() const {
  Description described;
  described.last_exit = last_exit_;
  described.pid = pid_;
  described.restarts = launches_ == 0 ? 0 : launches_ - 1;
  described.next_try = Due();
  described.reason = pause_reason_;
  switch (have_) {
    case Have::kLaunching:
      described.state = AgentState::kLaunching;
      return described;
    case Have::kRunning:
      described.state = AgentState::kRunning;
      return described;
    case Have::kStopping:
      described.state = AgentState::kStopping;
      return described;
    case Have::kNothing:
      break;
  }
  if (stopped_) {
    described.state = AgentState::kStopped;
    described.reason = kStoppedByAdministrator;
    return described;
  }
  if (!want_.wanted) {
    described.reason = want_.why;
    return described;
  }
  switch (pause_) {
    case Pause::kBackOff:
      described.state = AgentState::kBackingOff;
      break;
    case Pause::kGaveUp:
      described.state = AgentState::kGaveUp;
      break;
    case Pause::kFinal:
      described.state = AgentState::kStopped;
      break;
    case Pause::kNone:
    case Pause::kJudging:
    case Pause::kStopped:
    case Pause::kDeferred:
      described.state = AgentState::kWaiting;
      break;
  }
  return described;
}

}  // namespace agents
