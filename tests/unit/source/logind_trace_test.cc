#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "source/logind_view.h"
#include "tests/unit/source/trace_reader.h"

namespace broker::testing {
namespace {

std::string Line(const Session& session) {
  std::ostringstream out;
  out << session.Id() << ' ' << session.User() << ' ' << session.Class() << ' ' << session.Type()
      << ' ' << Name(session.state) << (session.active ? " active" : " inactive");
  if (!session.Seat().empty()) out << " seat=" << session.Seat();
  if (!session.Tty().empty()) out << " tty=" << session.Tty();
  if (!session.Display().empty()) out << " display=" << session.Display();
  if (session.remote) out << " remote";
  if (!session.RemoteHost().empty()) out << " from=" << session.RemoteHost();
  out << " locked=" << Name(session.locked);
  return out.str();
}

std::string Line(const SeatMap& seats) {
  std::string text;
  for (const auto& [seat, id] : seats) text += " " + seat + "=" + (id.empty() ? "-" : id);
  return text;
}

std::string Lines(const RawEvent& raw) {
  switch (raw.kind) {
    case RawKind::kSnapshot: {
      std::string text = "snapshot (" + raw.reason + ")" + Line(raw.seats) + "\n";
      for (const Session& session : raw.sessions) text += "  has " + Line(session) + "\n";
      return text;
    }
    case RawKind::kSession:
      return "session " + Line(raw.session) + "\n";
    case RawKind::kSessionRemoved:
      return "removed " + std::string(raw.session.Id()) + "\n";
    case RawKind::kSeat:
      return "seat" + Line(raw.seats) + "\n";
    case RawKind::kLockRequested:
      return "lock requested " + std::string(raw.session.Id()) + "\n";
    case RawKind::kUnlockRequested:
      return "unlock requested " + std::string(raw.session.Id()) + "\n";
    case RawKind::kSuspending:
      return "suspending\n";
    case RawKind::kResumed:
      return "resumed\n";
    case RawKind::kShuttingDown:
      return "shutting down\n";
    default:
      return "?\n";
  }
}

/// Plays a recording to a LogindView as the source would: SessionNew is followed by reading all
/// properties, a logind that came back by a snapshot of what it then has.
class TracePlayer {
 public:
  explicit TracePlayer(std::vector<TraceLine> lines) : lines_(std::move(lines)) {}

  std::string Play() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      if (lines_[at_].kind == TraceKind::kSignal) Hear(lines_[at_].signal);
      if (lines_[at_].kind == TraceKind::kStates) ReadStates(lines_[at_].states);
    }
    return transcript_;
  }

 private:
  void Say(const std::optional<RawEvent>& raw) {
    if (raw) transcript_ += Lines(*raw);
  }

  void Hear(const BusSignal& bus_signal) {
    const auto signal = DecodeSignal(bus_signal);
    if (!signal) return;
    if (signal->says == LogindSays::kGone) transcript_ += "gone\n";
    if (signal->says == LogindSays::kBack) Say(Snapshot());
    if (signal->says == LogindSays::kSessionNew) ReadNew(signal->name);
    Say(view_.Heard(*signal));
  }

  const PropertyMap* PropertiesBehind(size_t position) const {
    for (size_t i = position + 1; i < lines_.size(); ++i) {
      if (lines_[i].kind == TraceKind::kStates) continue;
      return lines_[i].kind == TraceKind::kProperties ? &lines_[i].properties : nullptr;
    }
    return nullptr;
  }

  void ReadNew(const std::string& id) {
    const PropertyMap* properties = PropertiesBehind(at_);
    ASSERT_NE(properties, nullptr) << id;
    Say(view_.SessionRead(id, *properties));
  }

  void ReadStates(const std::map<std::string, std::string>& states) {
    for (const std::string& id : view_.Ids()) {
      const auto found = states.find(id);
      if (found == states.end()) continue;
      Say(view_.StateRead(id, ParseSessionState(found->second).value()));
    }
  }

  /// A logind that came back announces all it has at once, before anything else happens.
  RawEvent Snapshot() {
    std::vector<Session> sessions;
    SeatMap seats{{"seat0", ""}};
    const double until_ms = lines_[at_].at_ms + kAnnouncementMs;
    for (size_t i = at_ + 1; i < lines_.size() && lines_[i].at_ms < until_ms; ++i) {
      const auto signal = DecodeSignal(lines_[i].signal);
      if (!signal) continue;
      if (signal->says == LogindSays::kSeatChanged) {
        seats[signal->name] = DecodeActiveSession(signal->changed).value_or("");
      }
      const PropertyMap* properties = PropertiesBehind(i);
      if (signal->says != LogindSays::kSessionNew || !properties) continue;
      sessions.push_back(DecodeSession(signal->name, *properties));
    }
    return view_.Snapshot(std::move(sessions), std::move(seats), true, "logind restarted");
  }

  static constexpr double kAnnouncementMs = 20;

  std::vector<TraceLine> lines_;
  size_t at_ = 0;
  LogindView view_;
  std::string transcript_;
};

std::vector<std::string> Traces() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(USHER_FIXTURES "/logind")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  return names;
}

std::string Text(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class WhatLogindSaid : public ::testing::TestWithParam<std::string> {};

TEST_P(WhatLogindSaid, BecomesTheReportsThatAreExpected) {
  const std::string trace = std::string(USHER_FIXTURES "/logind/") + GetParam();
  EXPECT_EQ(TracePlayer(ReadTrace(trace + ".txt")).Play(), Text(trace + ".expected"));
}

INSTANTIATE_TEST_SUITE_P(Recorded, WhatLogindSaid, ::testing::ValuesIn(Traces()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace broker::testing
