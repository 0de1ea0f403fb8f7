#include "usherctl/tail.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "eventlog/format.h"
#include "eventlog/holes.h"
#include "eventlog/reader.h"
#include "eventlog/segments.h"
#include "eventlog/watch.h"
#include "usherctl/event_line.h"
#include "usherctl/log_trouble.h"
#include "usherctl/plugin_cursor.h"
#include "usherctl/style.h"

namespace broker {
namespace {

// How long a missed change of the directory, or a stop, may go unnoticed.
constexpr std::chrono::milliseconds kWait{500};

// Lines are written so many bytes at a time.
constexpr size_t kChunkBytes = 256U << 10U;

// The log is its group's, too; what else the broker keeps is not.
constexpr std::string_view kCursorsNeed =
    "--follow-plugin reads the broker's state, too, which needs root";

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
    LogSelection selection = options.filter.Selection();
    selection.since_us = options.since_us.value_or(selection.since_us);
    selection.until_us = options.until_us.value_or(selection.until_us);
    reader_.Select(std::move(selection));
    reader_.GiveUpWhen(stop);
    reader_.TellOfMissing([this](const SeqRange& range) {
      Write();
      Complain(streams_, NoLongerThere(range));
    });
  }

  Status Run() {
    Status begun = Begin();
    if (!begun.ok()) return begun;
    while (true) {
      Status printed = PrintToEnd();
      if (!printed.ok()) return printed;
      if (!FlushOutput(streams_) || !options_.follow || stop_()) break;
      watch_->Wait(kWait);
      if (plugin_) NoticeAcknowledged();
    }
    if (options_.show_cursor) streams_.out << "-- cursor: " << cursor_ << '\n';
    return {};
  }

 private:
  Status Begin() {
    if (!options_.follow_plugin.empty()) {
      plugin_ = std::make_unique<PluginCursor>(files_, options_.cursors_directory,
                                               options_.follow_plugin);
      const Result<Seq> acknowledged = plugin_->Read();
      if (!acknowledged.ok()) return acknowledged.status();
      acknowledged_ = acknowledged.value();
      reader_.EndAt(acknowledged_);
    }
    Status watched = options_.follow ? Watch() : Status();
    if (!watched.ok()) return watched;
    Status behind = options_.after ? CheckIsThere(*options_.after) : Status();
    if (!behind.ok()) return behind;
    if (options_.after) SayWhatIsGone(*options_.after);
    cursor_ = options_.after.value_or(0);
    // What is later than --until is still to be shown by who goes on.
    if (options_.show_cursor && !options_.until_us) {
      // Everything up to the log's present end will have been looked at.
      const Result<Seq> last = LastSeq();
      if (!last.ok()) return last.status();
      cursor_ = std::max(last.value(), cursor_);
    }
    return SeekStart();
  }

  Result<Seq> LastSeq() {
    Status end = reader_.SeekLast(0);
    if (!end.ok()) return end;
    return reader_.Position() - 1;
  }

  // An instance may not have acknowledged it yet.
  Status CheckIsThere(Seq after) {
    reader_.EndAt(kMaxSeq);
    const Result<Seq> last = LastSeq();
    reader_.EndAt(acknowledged_);
    if (!last.ok() || after <= last.value()) return last.status();
    return {StatusCode::kInvalid, "there is no event " + std::to_string(after) + " in '" +
                                      options_.directory + "', which ends with " +
                                      std::to_string(last.value()) +
                                      ": the log was begun anew, or the number is wrong; leave "
                                      "out --cursor to see what is there"};
  }

  // Retention may have been faster than who comes back.
  void SayWhatIsGone(Seq after) {
    const auto segments = ListSegments(files_, options_.directory);
    const Seq first = segments.ok() && !segments->empty() ? segments->front().first : 0;
    if (first <= after + 1) return;
    Complain(streams_, Missing({after + 1, first - 1}) +
                           " in the log: retention has removed what is older; total_size and "
                           "total_age say how much is kept");
  }

  // An instance's cursor is written after the events before it.
  Status Watch() {
    auto watch = WatchDirectory(plugin_ ? plugin_->Directory() : options_.directory);
    const StatusCode code = watch.status().code();
    if (code == StatusCode::kNotFound || code == StatusCode::kPermission) return watch.status();
    watch_ = watch.ok() ? std::move(watch).value() : std::make_unique<Polling>();
    return {};
  }

  // A cursor that cannot be read now says nothing new.
  void NoticeAcknowledged() {
    const Result<Seq> acknowledged = plugin_->Read();
    if (acknowledged.ok()) reader_.EndAt(acknowledged.value());
  }

  Status SeekStart() {
    if (options_.after) return reader_.Seek(*options_.after + 1);
    return options_.last ? reader_.SeekLast(*options_.last) : reader_.Seek(0);
  }

  Status PrintToEnd() {
    StoredEvent stored;
    while (streams_.out && !stop_()) {
      const auto next = reader_.Read(stored);
      if (!next.ok() || next.value() == LogReader::Next::kEnd) {
        Write();
        return next.status();
      }
      Print(stored);
      cursor_ = std::max(cursor_, stored.event.seq);
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
  std::unique_ptr<PluginCursor> plugin_;  // Null: everything is shown.
  std::unique_ptr<DirectoryWatch> watch_;
  Seq acknowledged_ = kMaxSeq;  // As of the beginning.
  Seq cursor_ = 0;              // Everything up to it has been looked at.
  std::string day_;
  std::string text_;  // What is to be written next.
};

}  // namespace

int RunTail(const TailOptions& options, FileSystem& files, Streams& streams,
            const std::function<bool()>& stop) {
  const Status status = Tail(options, files, streams, stop).Run();
  const std::string_view needs = options.follow_plugin.empty() ? kLogNeeds : kCursorsNeed;
  if (!status.ok()) return Explain(status, options.directory, streams, needs);
  return FinishOutput(streams);
}

}  // namespace broker
