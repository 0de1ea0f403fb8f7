#include "sdk/check/story.h"

#include <array>
#include <string_view>
#include <utility>

namespace broker::check {
namespace {

constexpr size_t kMostSessions = 8;
constexpr int64_t kStartUs = 1'767'600'000'000'000;  // 2026-01-05 08:00 UTC.
constexpr int64_t kMostStepUs = 5'000'000;
constexpr std::array<std::string_view, 5> kUsers{"alice", "bob", "carol", "dave", "erin"};
constexpr std::array<std::string_view, 8> kTexts{
    "", "console", "0", "-1", "\xE2\x80\xAEgnitset", "a\nb\tc\x1b[31m", "'; --", "{\"a\":[1,2]}"};

/// Events that concern no session and change none.
constexpr std::array kDisturbances{
    EventType::kSystemSuspending, EventType::kSystemResumed,  EventType::kSourceLost,
    EventType::kSourceResynced,   EventType::kBrokerStarted,  EventType::kConfigReloaded,
    EventType::kConfigRejected,   EventType::kPluginLoaded,   EventType::kPluginFailed,
    EventType::kLogGap,           EventType::kControlRequest, EventType::kSuppressed};

bool ConcernsSession(EventType type) {
  return type >= EventType::kSessionCreated && type <= EventType::kSessionUnknownChange;
}

Details DetailsOf(EventType type) {
  switch (type) {
    case EventType::kSessionConnected:
    case EventType::kSessionDisconnected:
      return {{"via", "console"}};
    case EventType::kConsoleSwitched:
      return {{"seat", "seat0"}, {"from", "1"}, {"to", "2"}};
    case EventType::kSessionUnknownChange:
      return {{"code", "99"}};
    case EventType::kLogGap:
      return {{"from", "1"}, {"to", "2"}};
    case EventType::kSuppressed:
      return {{"instance", "another"}, {"type", "plugin.failed"}, {"count", "3"}};
    case EventType::kPluginLoaded:
    case EventType::kPluginFailed:
      return {{"instance", "another"}, {"id", "org.example.another"}, {"error", "no coffee"}};
    case EventType::kControlRequest:
      return {{"method", "status"}, {"uid", "0"}, {"pid", "1"}, {"result", "ok"}};
    default:
      return {};
  }
}

}  // namespace

const std::string& StoryBoot() {
  static const std::string boot = "5e55105e55105e55105e55105e551000";
  return boot;
}

SessionFacts SessionOf(uint64_t number) {
  SessionFacts session;
  const size_t user = number % kUsers.size();
  session.id = std::to_string(number);
  session.created_us = 1'000'000 + static_cast<int64_t>(number);
  session.key = MakeSessionKey(StoryBoot(), session.id, session.created_us);
  session.user = kUsers[user];
  session.user_id = std::to_string(1001 + user);
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.tty = "tty" + std::to_string(2 + number % 6);
  return session;
}

Story::Story(uint64_t seed, Kind kind)
    : random_(seed), kind_(kind), now_{kStartUs, 3'600'000'000} {}

Event Story::Next() {
  while (next_.empty()) {
    if (kind_ == Kind::kWild && Below(2) == 0) {
      AddWild();
    } else {
      Act();
    }
  }
  Event event = std::move(next_.front());
  next_.pop_front();
  event.seq = ++seq_;
  return event;
}

Event Story::One(EventType type) {
  next_.clear();
  Event& event = Add(type, DetailsOf(type));
  if (type == EventType::kUnknown) event.type_name = "org.example.somebodys.event";
  if (ConcernsSession(type)) {
    if (last_ == nullptr) last_ = std::make_shared<const Session>(SessionOf(1));
    event.session = event.before = last_;
  }
  return Next();
}

Event& Story::Add(EventType type, Details details) {
  const auto step = 1 + static_cast<int64_t>(Below(kMostStepUs));
  now_.realtime_us += step;
  now_.monotonic_us += step;
  Event& event = next_.emplace_back();
  event.time = now_;
  event.type = type;
  event.origin = ConcernsSession(type) ? Origin::kOs : Origin::kBroker;
  event.source = ConcernsSession(type) ? "simulated" : "";
  event.details = std::move(details);
  return event;
}

void Story::AddChange(EventType type, size_t index, Change change, Details details) {
  Session after = *live_[index];
  change(after);
  Event& event = Add(type, std::move(details));
  event.before = live_[index];
  live_[index] = last_ = std::make_shared<const Session>(std::move(after));
  event.session = last_;
}

void Story::Act() {
  const uint64_t choice = Below(12);
  if (live_.empty() || (choice == 0 && live_.size() < kMostSessions)) return Begin();
  const size_t index = Below(live_.size());
  const Change nothing = [](Session&) {};
  switch (choice) {
    case 1:
      return End(index);
    case 2:
      return Disturb();
    case 3:
      return AddChange(EventType::kSessionLockRequested, index, nothing);
    case 4:
      return AddChange(EventType::kSessionUnlockRequested, index, nothing);
    case 5:
      AddChange(
          EventType::kSessionDisconnected, index, [](Session& session) { session.active = false; },
          DetailsOf(EventType::kSessionDisconnected));
      return AddChange(
          EventType::kSessionConnected, index, [](Session& session) { session.active = true; },
          DetailsOf(EventType::kSessionConnected));
    case 6:
      Add(EventType::kConsoleSwitched,
          {{"seat", "seat0"}, {"from", "0"}, {"to", std::string(live_[index]->Id())}})
          .session = live_[index];
      return;
    default:
      break;
  }
  if (live_[index]->locked == Locked::kYes) {
    AddChange(EventType::kSessionUnlocked, index,
              [](Session& session) { session.locked = Locked::kNo; });
  } else {
    AddChange(EventType::kSessionLocked, index,
              [](Session& session) { session.locked = Locked::kYes; });
  }
}

void Story::Begin() {
  last_ = std::make_shared<const Session>(SessionOf(++sessions_begun_));
  Add(EventType::kSessionCreated).session = last_;
  live_.push_back(last_);
  const size_t index = live_.size() - 1;
  AddChange(
      EventType::kSessionConnected, index, [](Session& session) { session.active = true; },
      DetailsOf(EventType::kSessionConnected));
  AddChange(EventType::kSessionLogon, index, [](Session& session) {
    session.state = SessionState::kActive;
    session.logon_time_us = kStartUs;
  });
}

void Story::End(size_t index) {
  AddChange(EventType::kSessionLogoff, index, [](Session& session) {
    session.state = SessionState::kClosing;
    session.active = false;
  });
  Event& event = Add(EventType::kSessionDestroyed);
  event.session = event.before = live_[index];
  live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Story::Disturb() {
  const EventType type = kDisturbances[Below(kDisturbances.size())];
  Add(type, DetailsOf(type));
}

void Story::AddWild() {
  const auto type = static_cast<EventType>(Below(static_cast<uint64_t>(EventType::kCount)));
  Event& event = Add(type);
  if (type == EventType::kUnknown) event.type_name = "org.example.wild." + std::to_string(Below(9));
  event.origin = static_cast<Origin>(Below(static_cast<uint64_t>(Origin::kRecorded) + 1));
  event.session = AnySession();
  event.before = AnySession();
  event.cause = Below(2) == 0 ? 0 : Below(seq_ + 1);
  event.reason = AnyText();
  const uint64_t details = Below(2) == 0 ? 0 : Below(20);
  for (uint64_t i = 0; i < details; ++i) event.details.emplace_back(AnyText(), AnyText());
}

SessionRef Story::AnySession() {
  if (Below(3) == 0) return nullptr;
  if (Below(3) != 0 && !live_.empty()) return live_[Below(live_.size())];
  SessionFacts session = SessionOf(Below(sessions_begun_ + 3));
  session.user = AnyText();
  session.user_id = AnyText();
  session.seat = AnyText();
  session.remote_host = AnyText();
  session.session_class = AnyText();
  session.state = static_cast<SessionState>(Below(4));
  session.locked = static_cast<Locked>(Below(3));
  session.active = Below(2) == 0;
  session.remote = Below(2) == 0;
  return std::make_shared<const Session>(session);
}

std::string Story::AnyText() {
  const std::string_view text = kTexts[Below(kTexts.size())];
  if (Below(50) != 0) return std::string(text);
  return std::string(1 + Below(5000), 'x');
}

}  // namespace broker::check
