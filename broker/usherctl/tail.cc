#include "usherctl/tail.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <limits>
#include <memory>

#include "eventlog/reader.h"
#include "eventlog/watch.h"
#include "usherctl/event_line.h"
#include "usherctl/log_trouble.h"
#include "usherctl/style.h"

namespace broker {
namespace {

// How long a missed change of the directory, or a stop, may go unnoticed.
constexpr std::chrono::milliseconds kWait{500};

// A filter is tried on this many times the events that are wanted first, then on ever more.
constexpr uint64_t kFirstWindow = 64;
constexpr uint64_t kWindowGrowth = 8;

uint64_t Times(uint64_t number, uint64_t factor) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return number > kMost / factor ? kMost : number * factor;
}

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
    const Status watched = options_.follow ? Watch() : Status();
    if (!watched.ok()) return watched;
    const Status sought = SeekStart();
    if (!sought.ok()) return sought;
    while (true) {
      const Status printed = PrintToEnd();
      if (!printed.ok() || !FlushOutput(streams_) || !options_.follow || stop_()) return printed;
      watch_->Wait(kWait);
    }
  }

 private:
  Status Watch() {
    auto watch = WatchDirectory(options_.directory);
    if (watch.ok()) watch_ = std::move(watch).value();
    return watch.status();
  }

  Status SeekStart() {
    if (!options_.last) return reader_.Seek(0);
    if (options_.filter.Empty() || *options_.last == 0) return reader_.SeekLast(*options_.last);
    for (uint64_t window = Times(*options_.last, kFirstWindow);;
         window = Times(window, kWindowGrowth)) {
      const auto start = FindStart(window);
      if (!start.ok()) return start.status();
      if (start.value()) return reader_.Seek(*start.value());
    }
  }

  // Among the last `window` events, the seq of the first that is to be shown; nullopt when too few
  // match and there may be more before. Damage is told later, when the same lines are shown.
  Result<std::optional<Seq>> FindStart(uint64_t window) {
    LogReader reader(files_, options_.directory);
    const Status sought = reader.SeekLast(window);
    if (!sought.ok()) return sought;
    std::deque<Seq> matching;
    StoredEvent stored;
    uint64_t read = 0;
    Seq end = 0;
    while (!stop_()) {
      const auto next = reader.Read(stored);
      if (!next.ok()) return next.status();
      if (next.value() == LogReader::Next::kEnd) break;
      ++read;
      end = stored.event.seq + 1;
      if (options_.filter.Matches(stored.event)) matching.push_back(stored.event.seq);
      if (matching.size() > *options_.last) matching.pop_front();
    }
    if (matching.size() < *options_.last && read >= window) return std::optional<Seq>();
    return std::optional<Seq>(matching.empty() ? end : matching.front());
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
