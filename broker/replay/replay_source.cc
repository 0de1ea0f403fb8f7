#include "replay/replay_source.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace broker {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr const char* kComponent = "replay";

// How often a replay that waits for the log looks whether it is to stop.
constexpr std::chrono::milliseconds kRoomPoll{100};
// Longer pauses would overflow the clock's count; nobody waits a year for one event.
constexpr double kLongestPauseSeconds = 365.0 * 86'400;
// A low speed makes more of them.
constexpr duration<double> kLongestPlay{100 * kLongestPauseSeconds};

/// How long it was between two events. The monotonic clock stands still while the machine sleeps,
/// the wall clock may be set back: whichever tells of more.
double PauseBetween(Timestamp from, Timestamp to) {
  const int64_t pause_us = std::max(to.realtime_us - from.realtime_us,  //
                                    to.monotonic_us - from.monotonic_us);
  return static_cast<double>(std::max<int64_t>(pause_us, 0));
}

bool IsSameDirectory(const std::string& one, const std::string& other) {
  std::error_code none;  // What does not exist is not the same.
  return std::filesystem::equivalent(one, other, none);
}

std::string Describe(const LogDefect& defect) {
  if (defect.line == 0) {
    return "the recording is damaged: " + defect.file + " is passed over: " + defect.what;
  }
  return "the recording is damaged and an event of it left out: " + defect.file + ", line " +
         std::to_string(defect.line) + ": " + defect.what;
}

}  // namespace

ReplaySource::ReplaySource(std::unique_ptr<FileSystem> files, std::unique_ptr<Recording> recording,
                           double speed, Diagnostics& diagnostics)
    : files_(std::move(files)),
      recording_(std::move(recording)),
      speed_(speed),
      diagnostics_(diagnostics),
      clock_(recording_->Start()),
      replayer_(recording_->Beginning().sessions, recording_->Beginning().boot_id,
                recording_->Start()),
      last_(recording_->Start()) {}

ReplaySource::~ReplaySource() {
  Stop();
}

SourceCapabilities ReplaySource::Capabilities() const {
  return {.remote_disconnect = true, .lock_state = true, .real = false, .recorded = true};
}

Status ReplaySource::Start(RawSink& sink) {
  sink.Submit(SnapshotNow("start"));
  try {
    thread_ = std::thread([this, &sink] { Play(sink); });
  } catch (const std::system_error& error) {
    return {StatusCode::kUnavailable,
            std::string("no thread can be started to play the recording: ") + error.what()};
  }
  return {};
}

void ReplaySource::Stop() noexcept {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void ReplaySource::RequestSnapshot() noexcept {
  const MutexLock lock(mutex_);
  snapshot_wanted_ = true;
  changed_.NotifyAll();
}

void ReplaySource::ListenersReady() noexcept {
  const MutexLock lock(mutex_);
  begun_ = true;
  changed_.NotifyAll();
}

void ReplaySource::Play(RawSink& sink) {
  if (!WaitToBegin(sink)) return;
  begun_at_ = steady_clock::now();
  PlayAll(sink);
}

void ReplaySource::PlayAll(RawSink& sink) {
  std::vector<RawEvent> reports;
  while (const StoredEvent* recorded = NextEvent()) {
    const Timestamp time = replayer_.GoTo(*recorded);
    if (!WaitUntilDue(time, sink)) return;
    clock_.Set(time);
    replayer_.Replay(recorded->event, reports);
    for (RawEvent& report : reports) {
      if (!Submit(std::move(report), sink)) return;
    }
    reports.clear();
  }
  Submit(End(), sink);
}

RawEvent ReplaySource::End() const {
  RawEvent end;
  end.kind = RawKind::kEnd;
  end.time = clock_.Now();
  if (recording_->Holes() != 0) end.reason = "events of the recording are missing";
  if (recording_->Damaged() != 0) end.reason = "the recording is damaged";
  if (cut_off_) end.reason = "the recording could not be read to its end";
  return end;
}

const StoredEvent* ReplaySource::NextEvent() {
  const Result<const StoredEvent*> next = recording_->Next();
  if (next.ok()) return next.value();
  cut_off_ = true;
  diagnostics_.Log(
      Severity::kError, kComponent,
      "the recording cannot be read any further, the replay ends: " + next.status().message());
  return nullptr;
}

RawEvent ReplaySource::SnapshotNow(std::string reason) const {
  RawEvent snapshot = replayer_.Snapshot(std::move(reason));
  snapshot.time = clock_.Now();
  return snapshot;
}

bool ReplaySource::WaitToBegin(RawSink& sink) {
  while (true) {
    if (TakeSnapshotRequest()) sink.Submit(SnapshotNow("on request"));
    const MutexLock lock(mutex_);
    while (!begun_ && !stopping_ && !snapshot_wanted_) changed_.Wait(mutex_);
    if (begun_ || stopping_) return !stopping_;
  }
}

/// Counts from the beginning, so that delays do not add up.
bool ReplaySource::WaitUntilDue(Timestamp time, RawSink& sink) {
  if (speed_ > 0) {
    played_us_ += std::min(PauseBetween(last_, time), kLongestPauseSeconds * 1e6);
  }
  last_ = time;
  const duration<double> played(speed_ > 0 ? played_us_ / speed_ / 1e6 : 0);
  const duration<double> due = std::min(played, kLongestPlay);
  return Wait(begun_at_ + std::chrono::ceil<steady_clock::duration>(due), sink);
}

bool ReplaySource::Wait(TimePoint until, RawSink& sink) {
  while (true) {
    if (TakeSnapshotRequest()) sink.Submit(SnapshotNow("on request"));
    const MutexLock lock(mutex_);
    while (!stopping_ && !snapshot_wanted_ && steady_clock::now() < until) {
      changed_.WaitUntil(mutex_, until);
    }
    if (!snapshot_wanted_ || stopping_) return !stopping_;
  }
}

bool ReplaySource::Submit(RawEvent raw, RawSink& sink) {
  while (!sink.WaitForRoom(kRoomPoll)) {
    if (Stopping()) return false;
  }
  sink.Submit(std::move(raw));
  return true;
}

bool ReplaySource::Stopping() const {
  const MutexLock lock(mutex_);
  return stopping_;
}

bool ReplaySource::TakeSnapshotRequest() {
  const MutexLock lock(mutex_);
  return std::exchange(snapshot_wanted_, false);
}

Result<std::unique_ptr<Source>> MakeReplaySource(const Settings& settings,
                                                 Diagnostics& diagnostics) {
  const std::string& directory = settings.source.recording;
  if (IsSameDirectory(directory, settings.log.directory)) {
    return Status(StatusCode::kInvalid,
                  "[source] recording is '" + directory +
                      "', the very log that this broker writes; name another recording, or another "
                      "directory in [log]");
  }
  std::unique_ptr<FileSystem> files = MakeFileSystem();
  const auto tell = [&diagnostics](const LogDefect& defect) {
    diagnostics.Log(Severity::kError, kComponent, Describe(defect));
  };
  const auto tell_missing = [&diagnostics](const SeqRange& range) {
    diagnostics.Log(Severity::kError, kComponent,
                    "the recording has a hole: " + NoLongerThere(range));
  };
  Result<std::unique_ptr<Recording>> recording =
      Recording::Open(*files, directory, tell, tell_missing);
  if (!recording.ok()) return recording.status().Annotate("the recording cannot be played");
  return {std::make_unique<ReplaySource>(std::move(files), std::move(recording).value(),
                                         settings.source.speed, diagnostics)};
}

}  // namespace broker
