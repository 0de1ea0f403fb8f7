#include "sdk/check/subject.h"

#include <thread>
#include <utility>

#include "eventlog/codec.h"
#include "plugin_host/health.h"
#include "plugin_host/host_services/extensions.h"
#include "sdk/check/story.h"

namespace broker::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMostMisuses = 64;
constexpr milliseconds kFirstRetry{20};
constexpr milliseconds kLongestRetry{500};

std::string NameOf(const Event& event) {
  return "event " + std::to_string(event.seq) + " " + std::string(event.TypeName());
}

std::string Seconds(milliseconds time) {
  return std::to_string(time.count() / 1000) + " s";
}

SessionSnapshot SnapshotOf(const std::vector<SessionRef>& sessions) {
  SessionSnapshot snapshot;
  snapshot.sessions = sessions;
  return snapshot;
}

PluginSettings SettingsOf(PluginSettings settings, const SubjectOptions& options) {
  settings.name = options.name;
  const auto extensions = ExtensionIds();
  settings.grant.assign(extensions.begin(), extensions.end());
  settings.deny.insert(settings.deny.end(), options.denied.begin(), options.denied.end());
  return settings;
}

}  // namespace

Subject::Subject(std::shared_ptr<const Library> library, PluginInfo info,
                 const PluginSettings& settings, CallNote& note, SubjectOptions options)
    : options_(std::move(options)),
      cursors_(files_, "/cursors"),
      runner_(CreateRunner(true, *this)),
      launcher_(CreateLauncher(true, {*this, *this})),
      actor_(CreateSessionActor(true, *this)),
      probe_(std::make_shared<Probe>(std::move(library), std::move(info), note, options_.probe)),
      instance_({files_, *this, *this, *this, sessions_, hub_, ring_, cursors_, true, this, nullptr,
                 nullptr, nullptr, runner_.get(), launcher_.get(), actor_.get()},
                SettingsOf(settings, options_), probe_, "/storage"),
      realtime_us_(1'767'600'000'000'000),
      monotonic_us_(3'600'000'000) {
  sessions_.Restore(SnapshotOf(options_.sessions));
}

Subject::~Subject() {
  if (active_) instance_.Deactivate();
}

Status Subject::Activate() {
  const Result<Activation> activation = instance_.Activate(*this);
  if (!activation.ok()) return activation.status();
  active_ = true;
  return instance_.GetStatus().strikes == 0 ? Status() : Status(StatusCode::kInternal, Why());
}

Outcome Subject::Offer(const Event& event, Arrival arrival) {
  realtime_us_ = event.time.realtime_us;
  monotonic_us_ = event.time.monotonic_us;
  sessions_.Commit({&event, 1});
  line_.clear();
  EncodeEvent(line_, event);
  open_.Begin(event.seq);
  const Outcome outcome =
      instance_.Deliver({event, line_, StoryBoot(), arrival.redelivered, arrival.unlogged});
  switch (outcome) {
    case Outcome::kPending:
      open_.Keep(event.seq, 0);
      ++open_count_;
      break;
    case Outcome::kRetry:
      open_.Forget();
      break;
    case Outcome::kDone:
    case Outcome::kFailed:
      open_.End();
      break;
  }
  return outcome;
}

void Subject::Deliver(const Event& event, Arrival arrival) {
  WaitUntilOpen(OpenEvents::kLimit - 1);
  const auto deadline = steady_clock::now() + options_.patience;
  milliseconds pause = kFirstRetry;
  while (true) {
    const Outcome outcome = Offer(event, arrival);
    if (outcome == Outcome::kFailed) SayWhy(", for " + NameOf(event));
    if (outcome != Outcome::kRetry) return TakeEnded();
    if (steady_clock::now() > deadline) {
      throw Finding{
          Verdict::kFail,
          "has answered " + NameOf(event) + " with USHER_RETRY for " + Seconds(options_.patience),
          "ask for another try only where waiting helps; what can never be done is an "
          "error",
          "usher/plugin.h, on_event"};
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestRetry);
    TakeEnded();
  }
}

void Subject::Settle() {
  WaitUntilOpen(0);
}

void Subject::WaitUntilOpen(size_t most) {
  const auto deadline = steady_clock::now() + options_.patience;
  while (true) {
    TakeEnded();
    if (open_count_ <= most) return;
    const MutexLock lock(mutex_);
    if (completions_ != 0) {
      completions_ = 0;
    } else if (!completed_.WaitUntil(mutex_, deadline)) {
      throw Finding{Verdict::kFail,
                    "answered event " + std::to_string(open_.Lowest().value_or(0)) +
                        " with USHER_PENDING and has not completed it for " +
                        Seconds(options_.patience),
                    "call complete() once for each event that on_event answers so, also when its "
                    "work fails; --time-limit gives it more time",
                    "usher/plugin.h, complete; sdk/README.md, Events that take their time"};
    }
  }
}

void Subject::TakeEnded() {
  instance_.CallHeard();
  for (const OpenEvents::Ended& ended : open_.TakeEnded()) {
    --open_count_;
    if (ended.how.ok()) continue;
    instance_.Failed(ended.seq, ended.chain, ended.how);
    SayWhy(", for event " + std::to_string(ended.seq));
  }
}

void Subject::ShowSnapshot() {
  const uint32_t before = instance_.GetStatus().strikes;
  // Behind all that there is, so that the snapshot must come.
  instance_.Skipped(1, sessions_.Snapshot().as_of + 1, "checked");
  if (instance_.GetStatus().strikes != before) SayWhy("");
}

void Subject::Deactivate() {
  if (!std::exchange(active_, false)) return;
  const std::string before = Why();
  instance_.Deactivate();
  if (Why() != before) SayWhy("");
}

void Subject::SayWhy(const std::string& what) {
  forgiven_us_ += Health::kWindowUs;  // Checks go on where a broker would quarantine it.
  throw Finding{Verdict::kFail, "failed: " + Why() + what,
                "return USHER_OK for what is no trouble of yours; an error is a strike, and three "
                "strikes in ten minutes quarantine the instance",
                "usher/plugin.h, usher_plugin"};
}

std::vector<std::string> Subject::Misuses() const {
  const MutexLock lock(mutex_);
  return misuses_;
}

bool Subject::Complete(Seq seq, Status how) noexcept {
  const bool was_open = open_.Complete(seq, std::move(how));
  const MutexLock lock(mutex_);
  ++completions_;
  completed_.NotifyAll();
  return was_open;
}

void Subject::Wake() noexcept {
  const MutexLock lock(mutex_);
  ++completions_;
  completed_.NotifyAll();
}

void Subject::Log(Severity /*severity*/, std::string_view /*component*/,
                  std::string_view text) noexcept {
  ++log_lines_;
  log_bytes_ += text.size();
}

void Subject::Announce(Event /*event*/) noexcept {}

Timestamp Subject::Now() const noexcept {
  return {realtime_us_ + forgiven_us_, monotonic_us_ + forgiven_us_};
}

void Subject::Misused(std::string_view what) noexcept {
  const MutexLock lock(mutex_);
  if (misuses_.size() < kMostMisuses) misuses_.emplace_back(what);
}

}  // namespace broker::check
