#include "usherctl/tail.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <limits>
#include <memory>
#include <thread>

#include "eventlog/reader.h"
#include "eventlog/watch.h"
#include "usherctl/event_line.h"
#include "usherctl/log_trouble.h"
#include "usherctl/style.h"

namespace broker {
namespace {

// How long a missed change of the directory, or a stop, may go unnoticed.
constexpr std::chrono::milliseconds kWait{500};

constexpr uint64_t kEverything = std::numeric_limits<uint64_t>::max();

// How much more of the log is looked at each time that too few events match.
constexpr uint64_t kWindowGrowth = 16;

uint64_t Times(uint64_t number, uint64_t factor) {
  return number > kEverything / factor ? kEverything : number * factor;
}

// For when the system has no watch to give.
class Polling final : public DirectoryWatch {
 public:
  void Wait(std::chrono::milliseconds timeout) override { std::this_thread::sleep_for(timeout); }
};

// Finds and prints events: the last ones, then new ones.
class Tail {
 public:
  Tail(const TailOptions& options, FileSystem& files, Streams& streams,
       const std::function<bool()>& stop)
      : options_(options),
        files_(files),
        streams_(streams),
        stop_(stop),
        reader_(files, options.directory,
                [&streams](const LogDefect& defect) { ComplainAbout(defect, streams); }) {}

  Status Run() {
    Status watched = options_.follow ? Watch() : Status();
    if (!watched.ok()) return watched;
    Status sought = SeekStart();
    if (!sought.ok()) return sought;
    while (true) {
      Status printed = PrintToEnd();
      if (!printed.ok() || !FlushOutput(streams_) || !options_.follow || stop_()) return printed;
      watch_->Wait(kWait);
    }
  }

 private:
  Status Watch() {
    auto watch = WatchDirectory(options_.directory);
    const StatusCode code = watch.status().code();
    if (code == StatusCode::kNotFound || code == StatusCode::kPermission) return watch.status();
    watch_ = watch.ok() ? std::move(watch).value() : std::make_unique<Polling>();
    return {};
  }

  Status SeekStart() {
    if (!options_.last) return reader_.Seek(0);
    if (options_.filter.Empty() || *options_.last == 0) return reader_.SeekLast(*options_.last);
    const auto start = FindStart();
    return start.ok() ? reader_.Seek(start.value()) : start.status();
  }

  // The seq of the first event to show, looking at more and more of the log's end until enough
  // events match. Damage is told later, when the same lines are shown.
  Result<Seq> FindStart() {
    const auto oldest = Scan([](LogReader& reader) { return reader.Seek(0); }, 1);
    if (!oldest.ok()) return oldest.status();
    uint64_t window = *options_.last;
    while (true) {
      window = Times(window, kWindowGrowth);
      const auto found = Scan([&](LogReader& reader) { return reader.SeekLast(window); });
      if (!found.ok()) return found.status();
      const bool all = found->first <= oldest->first || window == kEverything;
      if (all || found->enough || stop_()) return found->start;
    }
  }

  struct Scanned {
    Seq first = 0;        // The first event that was read.
    Seq start = 0;        // The first of the last ones that match, else the one behind them all.
    bool enough = false;  // As many as wanted match.
  };

  // Reads at most `limit` events from where `seek` goes to.
  template <class Seek>
  Result<Scanned> Scan(Seek seek, uint64_t limit = kEverything) {
    LogReader reader(files_, options_.directory);
    Status sought = seek(reader);
    if (!sought.ok()) return sought;
    Scanned scanned;
    std::deque<Seq> matching;
    StoredEvent stored;
    for (uint64_t read = 0; read < limit && !stop_(); ++read) {
      const auto next = reader.Read(stored);
      if (!next.ok()) return next.status();
      if (next.value() == LogReader::Next::kEnd) break;
      if (read == 0) scanned.first = stored.event.seq;
      scanned.start = stored.event.seq + 1;
      if (options_.filter.Matches(stored.event)) matching.push_back(stored.event.seq);
      if (matching.size() > *options_.last) matching.pop_front();
    }
    scanned.enough = matching.size() == *options_.last;
    if (!matching.empty()) scanned.start = matching.front();
    return scanned;
  }

  Status PrintToEnd() {
    StoredEvent stored;
    while (streams_.out && !stop_()) {
      const auto next = reader_.Read(stored);
      if (!next.ok()) return next.status();
      if (next.value() == LogReader::Next::kEnd) break;
      if (options_.filter.Matches(stored.event)) Print(stored);
    }
    return {};
  }

  void Print(const StoredEvent& stored) {
    if (options_.json) {
      streams_.out << stored.line << '\n';
      return;
    }
    const std::string day = DayOf(stored.event);
    if (day != day_) streams_.out << Styled(day + " UTC", Style::kBold, streams_.colour) << '\n';
    day_ = day;
    streams_.out << EventLine(stored.event, streams_.colour) << '\n';
  }

  const TailOptions& options_;
  FileSystem& files_;
  Streams& streams_;
  const std::function<bool()>& stop_;
  LogReader reader_;
  std::unique_ptr<DirectoryWatch> watch_;
  std::string day_;
};

}  // namespace

int RunTail(const TailOptions& options, FileSystem& files, Streams& streams,
            const std::function<bool()>& stop) {
  const Status status = Tail(options, files, streams, stop).Run();
  if (!status.ok()) return Explain(status, options.directory, streams);
  return FinishOutput(streams);
}

}  // namespace broker
