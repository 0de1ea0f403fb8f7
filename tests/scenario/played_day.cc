#include "tests/scenario/played_day.h"

#include <chrono>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "event/mutex.h"
#include "event/utc.h"
#include "platform/simulated/session_source.h"
#include "session/normalizer.h"

namespace broker::scenario {
namespace {

constexpr std::chrono::seconds kPatience{30};

/// Keeps what the source says until it has said all.
class Script final : public RawSink {
 public:
  void Submit(RawEvent raw) noexcept override {
    const MutexLock lock(mutex_);
    ended_ = ended_ || raw.kind == RawKind::kEnd;
    reports_.push_back(std::move(raw));
    changed_.NotifyAll();
  }

  std::vector<RawEvent> WaitForEnd() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const MutexLock lock(mutex_);
    while (!ended_)
      if (!changed_.WaitUntil(mutex_, deadline)) throw std::runtime_error("it does not end");
    return reports_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<RawEvent> reports_ USHER_GUARDED_BY(mutex_);
  bool ended_ USHER_GUARDED_BY(mutex_) = false;
};

class Silence final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view) noexcept override {}
};

std::vector<RawEvent> Record(Source& source) {
  Script script;
  if (const Status started = source.Start(script); !started.ok())
    throw std::runtime_error(started.message());
  source.ListenersReady();
  std::vector<RawEvent> reports = script.WaitForEnd();
  source.Stop();
  return reports;
}

std::string Text(const std::string* detail) {
  return detail == nullptr ? std::string() : *detail;
}

std::string Remark(const Event& event) {
  std::string remark = Text(event.Detail("via"));
  if (event.type == EventType::kConsoleSwitched)
    remark = Text(event.Detail("seat")) + ": " + Text(event.Detail("from")) + " -> " +
             Text(event.Detail("to"));
  if (event.reason.empty()) return remark;
  return remark + (remark.empty() ? "(" : " (") + event.reason + ")";
}

std::string Line(const Event& event) {
  const SessionRef& session = event.session ? event.session : event.before;
  std::ostringstream line;
  line << FormatUtc(event.time.realtime_us).substr(0, 19) << "  " << std::left << std::setw(26)
       << event.TypeName() << std::setw(4) << (session ? session->Id() : "-") << std::setw(7)
       << (session ? session->User() : "-") << std::setw(12) << Name(event.origin) << Remark(event);
  std::string text = line.str();
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

PlayedDay Play(const std::string& path, const SessionSnapshot& before) {
  Silence silence;
  SourceSettings settings;
  settings.scenario = path;
  Result<std::unique_ptr<Source>> made = MakeSimulatedSource(settings, silence);
  if (!made.ok()) throw std::runtime_error(made.status().message());
  Source& source = *made.value();

  PlayedDay day;
  day.table.Restore(before);
  Normalizer normalizer(day.table, source.BootId(), source.Name());
  normalizer.EndForeignBoot(source.SourceClock().Now(), day.events);
  for (const RawEvent& raw : Record(source)) normalizer.Normalize(raw, day.events);
  return day;
}

std::string Describe(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) text += Line(event);
  return text;
}

}  // namespace broker::scenario
