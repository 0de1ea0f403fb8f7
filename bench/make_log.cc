#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "eventlog/codec.h"
#include "eventlog/file_system.h"
#include "eventlog/format.h"
#include "eventlog/reservation.h"
#include "eventlog/segment_index.h"
#include "eventlog/segments.h"

// Makes a log as the broker writes it, for benches that read one.
//   make_log DIRECTORY EVENTS [SEGMENT_BYTES]
// The same arguments make the same log. One event in a hundred is a session.locked.

namespace broker {
namespace {

constexpr const char* kBootId = "5d0c6a0e6f0c4d2e8a8d5e2f7b1c9a34";
constexpr int64_t kStart = 1'795'200'513'123'456;
constexpr size_t kWriteBytes = 1U << 20U;
constexpr uint64_t kLeastSegment = 64U << 10U;  // A header, and some events.

struct Plan {
  std::string directory;
  uint64_t events = 0;
  uint64_t segment_bytes = 16U << 20U;
};

std::vector<SessionRef> MakeSessions() {
  constexpr std::array users{"ada", "grace.hopper", "alan", "barbara.liskov", "edsger"};
  std::vector<SessionRef> sessions;
  for (int i = 0; i < 40; ++i) {
    SessionFacts session;
    session.id = std::to_string(3 + i);
    session.created_us = 71'500'000 + 1'000'003LL * i;
    session.key = MakeSessionKey(kBootId, session.id, session.created_us);
    session.user = users[static_cast<size_t>(i) % users.size()];
    session.user_id = std::to_string(1000 + i % static_cast<int>(users.size()));
    session.session_class = "user";
    session.type = i % 4 == 0 ? "tty" : "wayland";
    session.seat = i % 3 == 0 ? "" : "seat0";
    session.tty = "tty" + std::to_string(2 + i % 6);
    session.remote = i % 3 == 0;
    if (session.remote) session.remote_host = "desk-" + std::to_string(i) + ".example.org";
    session.active = true;
    session.state = SessionState::kActive;
    session.logon_time_us = kStart + session.created_us;
    sessions.push_back(std::make_shared<const Session>(session));
  }
  return sessions;
}

/// Events of a busy machine, one after the other.
class Story {
 public:
  Event Next() {
    Event event;
    event.seq = ++seq_;
    elapsed_us_ += 1 + static_cast<int64_t>(random_() % 20'000);
    event.time = {kStart + elapsed_us_, 131'623'456 + elapsed_us_};
    event.type = Type();
    event.source = "logind";
    const SessionRef& session = sessions_[random_() % sessions_.size()];
    event.session = session;
    auto before = std::make_shared<Session>(*session);
    before->active = false;
    before->state = SessionState::kOnline;
    event.before = std::move(before);
    if (event.type == EventType::kSessionConnected) event.details = {{"via", "console"}};
    return event;
  }

  [[nodiscard]] SegmentHeader Header() const {
    SegmentHeader header;
    header.log_id = "9f1d4c0b7a2e46d58c3f0a9b1e2d3c4f";
    header.machine_id = "b08dfa6083e7567a1921a715000001fb";
    header.boot_id = kBootId;
    header.first_seq = seq_ + 1;
    header.created_us = kStart + elapsed_us_;
    header.sessions = {sessions_, {{"seat0", "4"}}, seq_};
    return header;
  }

 private:
  EventType Type() {
    constexpr std::array others{EventType::kSessionConnected, EventType::kSessionDisconnected,
                                EventType::kSessionUnlocked, EventType::kSessionLogon,
                                EventType::kSessionLogoff};
    if (random_() % 100 == 0) return EventType::kSessionLocked;
    return others[random_() % others.size()];
  }

  const std::vector<SessionRef> sessions_ = MakeSessions();
  std::mt19937_64 random_{20261120};
  Seq seq_ = 0;
  int64_t elapsed_us_ = 0;
};

/// One segment and, once it is closed, its index.
class SegmentMaker {
 public:
  SegmentMaker(FileSystem& files, const Plan& plan) : files_(files), plan_(plan) {}

  Status Make(Story& story, uint64_t& left) {
    const SegmentHeader header = story.Header();
    auto file = files_.OpenAppend(PathIn(plan_.directory, SegmentName(header.first_seq)));
    if (!file.ok()) return file.status();
    index_ = {.first_seq = header.first_seq};
    EncodeHeader(bytes_, header);
    bytes_.push_back('\n');
    while (left > 0 && file.value()->Size() + bytes_.size() < plan_.segment_bytes) {
      Add(story.Next());
      --left;
      Status written = bytes_.size() < kWriteBytes ? Status() : Write(*file.value());
      if (!written.ok()) return written;
    }
    Status written = Write(*file.value());
    index_.bytes = file.value()->Size();
    return written.ok() && left > 0 ? Close() : written;
  }

  [[nodiscard]] Seq LastSeq() const { return index_.last_seq; }

 private:
  void Add(const Event& event) {
    EncodeEvent(bytes_, event);
    bytes_.push_back('\n');
    if (index_.events++ == 0) index_.min_time_us = event.time.realtime_us;
    index_.max_time_us = event.time.realtime_us;
    index_.last_seq = event.seq;
  }

  Status Write(AppendFile& file) {
    Status written = file.Append(bytes_);
    bytes_.clear();
    return written;
  }

  Status Close() {
    std::string line;
    EncodeIndex(line, index_);
    return files_.Replace(PathIn(plan_.directory, IndexName(index_.first_seq)), line + "\n",
                          kSegmentMode);
  }

  FileSystem& files_;
  const Plan& plan_;
  std::string bytes_;
  SegmentIndex index_;
};

Status MakeLog(const Plan& plan) {
  const auto files = MakeFileSystem();
  Status status = files->MakeDirectories(plan.directory, kLogDirectoryMode);
  if (!status.ok()) return status;
  const auto segments = ListSegments(*files, plan.directory);
  if (!segments.ok()) return segments.status();
  if (!segments->empty()) {
    return {StatusCode::kExists, "there is a log in '" + plan.directory + "' already; remove it"};
  }
  Story story;
  SegmentMaker maker(*files, plan);
  uint64_t left = plan.events;
  while (left > 0 && status.ok()) status = maker.Make(story, left);
  return status.ok() ? Reservation(*files, plan.directory).Save(maker.LastSeq() + 1) : status;
}

std::optional<uint64_t> ParseCount(const char* text) {
  uint64_t count = 0;
  const char* const end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, count);
  if (error != std::errc() || stopped != end || count == 0) return std::nullopt;
  return count;
}

std::optional<Plan> ParseArguments(const std::vector<const char*>& arguments) {
  if (arguments.size() < 2 || arguments.size() > 3) return std::nullopt;
  Plan plan{.directory = arguments[0]};
  const auto events = ParseCount(arguments[1]);
  const auto bytes = arguments.size() == 3 ? ParseCount(arguments[2]) : plan.segment_bytes;
  if (!events || !bytes || *bytes < kLeastSegment) return std::nullopt;
  plan.events = *events;
  plan.segment_bytes = *bytes;
  return plan;
}

}  // namespace
}  // namespace broker

int main(int argc, char** argv) {
  const auto plan = broker::ParseArguments({argv + 1, argv + argc});
  if (!plan) {
    std::cerr << "usage: make_log DIRECTORY EVENTS [SEGMENT_BYTES]\n"
                 "SEGMENT_BYTES is at least 65536: a header and some events must fit in.\n";
    return 2;
  }
  const broker::Status made = broker::MakeLog(*plan);
  if (made.ok()) return 0;
  std::cerr << "make_log: " << made.message() << '\n';
  return 1;
}
