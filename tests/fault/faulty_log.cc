#include "tests/fault/faulty_log.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "eventlog/reader.h"
#include "eventlog/segments.h"
#include "tests/support/power_loss_file_system.h"

namespace broker::testing {
namespace {

constexpr int kStepsOfASession = 4;
constexpr int kSessions = 3;

std::string Describe(const std::vector<SessionRef>& sessions) {
  std::string text;
  for (const SessionRef& session : sessions) {
    text.append(session->Key()).append(session->locked == Locked::kYes ? " locked\n" : "\n");
  }
  return text;
}

SessionRef MakeSession(int number, bool locked) {
  SessionFacts session;
  session.id = "s" + std::to_string(number % kSessions);
  session.key = "boot1-" + std::to_string(number);
  session.user = "ada";
  session.locked = locked ? Locked::kYes : Locked::kNo;
  return std::make_shared<const Session>(session);
}

}  // namespace

FaultyLog::FaultyLog() {
  options_.directory = log_;
  options_.retry = std::chrono::milliseconds(1);
  MakeFiles();
}

FaultyLog::~FaultyLog() {
  script_.ReleaseSyncs();
  script_.Thaw();
}

void FaultyLog::MakeFiles() {
  files_ = std::make_unique<FaultyFileSystem>(
      script_, std::make_unique<PowerLossFileSystem>(root_, shadow_));
}

Status FaultyLog::TryOpen() {
  recovery_ = {};
  auto writer = LogWriter::Open(*files_, options_, machine_, recovery_);
  if (!writer.ok()) return writer.status();
  writer_ = std::move(writer).value();
  table_ = {};
  table_.Restore(recovery_.sessions);
  return {};
}

void FaultyLog::Open() {
  const Status opened = TryOpen();
  ASSERT_TRUE(opened.ok()) << opened.message();
}

bool FaultyLog::Close(std::chrono::milliseconds patience) {
  Advance();
  const bool closed = writer_->Close(std::chrono::steady_clock::now() + patience);
  if (closed) writer_.reset();
  return closed;
}

void FaultyLog::Kill() {
  writer_.reset();
}

void FaultyLog::KillAndLosePower() {
  Kill();
  files_.reset();
  LosePower(root_, shadow_);
  MakeFiles();
}

/// Sessions come, are locked and unlocked, and go, one after the other.
Event FaultyLog::NextEvent() {
  const int number = events_ / kStepsOfASession;
  const int step = events_ % kStepsOfASession;
  ++events_;
  constexpr std::array kTypes{EventType::kSessionCreated, EventType::kSessionLocked,
                              EventType::kSessionUnlocked, EventType::kSessionDestroyed};
  Event event;
  event.type = kTypes.at(static_cast<size_t>(step));
  event.time = {now_us_, 1000 + events_};
  event.source = "simulated";
  if (step != 0) event.before = MakeSession(number, step == 2);
  if (step != kStepsOfASession - 1) event.session = MakeSession(number, step == 1);
  return event;
}

void FaultyLog::Append(int count) {
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) events.push_back(NextEvent());
  writer_->Append(std::move(events));
  Advance();
}

void FaultyLog::Advance() {
  const auto sessions = [this] {
    return SessionSnapshot{table_.All(), table_.Seats(),
                           delivered_.empty() ? 0 : delivered_.back().seq};
  };
  for (const BatchRef& batch : writer_->Advance(sessions)) Deliver(*batch);
}

void FaultyLog::Deliver(const Batch& batch) {
  const Seq logged = writer_->Ring().Logged();
  for (size_t i = 0; i < batch.events.size(); ++i) {
    const Event& event = batch.events[i];
    EXPECT_GT(event.seq, delivered_.empty() ? 0 : delivered_.back().seq);
    delivered_.push_back({event.seq, std::string(batch.Line(i)), event.seq > logged});
    table_.Apply(event);
  }
}

bool FaultyLog::Settle() {
  return AdvanceUntil([this] {
    const LogHealth health = Health();
    const Seq delivered = delivered_.empty() ? 0 : delivered_.back().seq;
    return !health.degraded && health.unwritten == 0 && delivered == health.last_seq &&
           (options_.sync != SyncMode::kAlways || health.synced_seq == health.last_seq);
  });
}

size_t FaultyLog::Unlogged() const {
  return static_cast<size_t>(std::count_if(delivered_.begin(), delivered_.end(),
                                           [](const Delivered& event) { return event.unlogged; }));
}

std::vector<std::pair<Event, std::string>> FaultyLog::ReadAll() {
  std::vector<std::pair<Event, std::string>> events;
  const auto files = MakeFileSystem();
  LogReader reader(*files, log_);
  while (true) {
    StoredEvent stored;
    const auto next = reader.Read(stored);
    EXPECT_TRUE(next.ok()) << next.status().message();
    if (!next.ok() || next.value() == LogReader::Next::kEnd) return events;
    events.emplace_back(std::move(stored.event), std::move(stored.line));
  }
}

std::vector<Seq> FaultyLog::Logged() {
  std::vector<Seq> seqs;
  for (const auto& [event, line] : ReadAll()) seqs.push_back(event.seq);
  return seqs;
}

std::vector<std::string> FaultyLog::Gaps() {
  std::vector<std::string> gaps;
  for (const auto& [event, line] : ReadAll()) {
    if (event.type != EventType::kLogGap) continue;
    gaps.push_back(*event.Detail("from") + "-" + *event.Detail("to") + ": " + event.reason);
  }
  return gaps;
}

std::vector<std::string> FaultyLog::Segments() {
  std::vector<std::string> names;
  const auto files = MakeFileSystem();
  const auto segments = ListSegments(*files, log_);
  if (!segments.ok()) return names;
  for (const Segment& segment : segments.value()) names.push_back(segment.name);
  return names;
}

LogVerification FaultyLog::Verify() {
  found_.clear();
  const auto files = MakeFileSystem();
  const auto result = VerifyLog(*files, log_, [this](const LogDefect& defect) {
    found_.append(defect.file + ":" + std::to_string(defect.line) + ": " + defect.what + "\n");
  });
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? result.value() : LogVerification{};
}

bool FaultyLog::IsNamedMissing(Seq seq, const std::vector<Event>& events) const {
  return std::any_of(events.begin(), events.end(), [seq](const Event& event) {
    return event.type == EventType::kLogGap && seq >= std::stoull(*event.Detail("from")) &&
           seq <= std::stoull(*event.Detail("to"));
  });
}

void FaultyLog::ExpectWhole() {
  EXPECT_EQ(Verify().defects, 0U) << found_;
  std::map<Seq, std::string> logged;
  std::vector<Event> events;
  Seq last = 0;
  for (auto& [event, line] : ReadAll()) {
    EXPECT_GT(event.seq, last) << "a number comes twice or out of its order";
    last = event.seq;
    logged.emplace(event.seq, line);
    events.push_back(event);
  }
  ASSERT_FALSE(events.empty());
  std::string missing;
  for (const Delivered& event : delivered_) {
    if (event.seq < events.front().seq) continue;
    const auto found = logged.find(event.seq);
    if (found != logged.end()) {
      EXPECT_EQ(found->second, event.line);
    } else if (!event.unlogged && !lost_logged_) {
      missing += " " + std::to_string(event.seq) + " (delivered as logged)";
    } else if (!IsNamedMissing(event.seq, events)) {
      missing += " " + std::to_string(event.seq) + " (no log.gap names it)";
    }
  }
  EXPECT_EQ(missing, "");
}

void FaultyLog::ExpectSessions() {
  const std::string expected = Describe(table_.All());
  ASSERT_EQ(writer_, nullptr);
  Open();
  EXPECT_EQ(Describe(recovery_.sessions.sessions), expected);
}

}  // namespace broker::testing
