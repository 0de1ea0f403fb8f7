#include "usherctl/tail.h"

#include <chrono>
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

// Lines are written so many bytes at a time.
constexpr size_t kChunkBytes = 256U << 10U;

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
        reader_(files, options.directory, [this](const LogDefect& defect) {
          Write();
          ComplainAbout(defect, streams_);
        }) {
    reader_.Select(options.filter.Selection());
    reader_.GiveUpWhen(stop);
  }

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

  Status SeekStart() { return options_.last ? reader_.SeekLast(*options_.last) : reader_.Seek(0); }

  Status PrintToEnd() {
    StoredEvent stored;
    while (streams_.out && !stop_()) {
      const auto next = reader_.Read(stored);
      if (!next.ok() || next.value() == LogReader::Next::kEnd) {
        Write();
        return next.status();
      }
      Print(stored);
      if (text_.size() >= kChunkBytes) Write();
    }
    Write();
    return {};
  }

  void Write() {
    streams_.out.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

  void Print(const StoredEvent& stored) {
    if (options_.json) {
      text_.append(stored.line).push_back('\n');
      return;
    }
    const std::string day = DayOf(stored.event);
    if (day != day_) text_ += Styled(day + " UTC", Style::kBold, streams_.colour) + '\n';
    day_ = day;
    text_ += EventLine(stored.event, streams_.colour) + '\n';
  }

  const TailOptions& options_;
  FileSystem& files_;
  Streams& streams_;
  const std::function<bool()>& stop_;
  LogReader reader_;
  std::unique_ptr<DirectoryWatch> watch_;
  std::string day_;
  std::string text_;  // What is to be written next.
};

}  // namespace

int RunTail(const TailOptions& options, FileSystem& files, Streams& streams,
            const std::function<bool()>& stop) {
  const Status status = Tail(options, files, streams, stop).Run();
  if (!status.ok()) return Explain(status, options.directory, streams);
  return FinishOutput(streams);
}

}  // namespace broker
