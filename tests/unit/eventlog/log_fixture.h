#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/file_system.h"
#include "eventlog/reader.h"
#include "eventlog/segments.h"
#include "eventlog/verify.h"
#include "eventlog/writer.h"
#include "tests/support/temp_directory.h"
#include "tests/support/written_log.h"

namespace broker {

inline std::string ReadFileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteFileText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// Where the last line of a file begins that ends with a newline.
inline size_t LastLineStart(const std::string& text) {
  return text.rfind('\n', text.size() - 2) + 1;
}

inline SessionRef MakeSession(const std::string& id, const std::string& user = "ada") {
  SessionFacts session;
  session.id = id;
  session.key = "boot1-" + id + "-1";
  session.user = user;
  session.user_id = "1000";
  session.session_class = "user";
  session.state = SessionState::kActive;
  return std::make_shared<const Session>(session);
}

inline Event MakeEvent(EventType type, int number) {
  Event event;
  event.type = type;
  event.time = {1'700'000'000'000'000 + number, 1000 + number};
  event.source = "simulated";
  return event;
}

/// A log on the real file system, and what tests do with it.
class LogTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kLarge = 1ULL << 40U;

  testing::ClosingLog Open(uint64_t segment_bytes = kLarge, uint64_t total_bytes = kLarge) {
    LogOptions options;
    options.segment_bytes = segment_bytes;
    options.total_bytes = total_bytes;
    return OpenAs(std::move(options));
  }

  /// The directory is filled in here.
  testing::ClosingLog OpenAs(LogOptions options) {
    recovery_ = {};
    options.directory = log_;
    auto writer = LogWriter::Open(*files_, std::move(options), machine_, recovery_);
    EXPECT_TRUE(writer.ok()) << writer.status().message();
    return testing::ClosingLog(writer.ok() ? std::move(writer).value().release() : nullptr);
  }

  /// A broker that ends without a word.
  static void Kill(testing::ClosingLog log) { delete log.release(); }

  /// Appends `count` locks and unlocks of session "s1", one batch each.
  void Append(LogWriter& writer, int count) {
    for (int i = 0; i < count; ++i) AppendBatch(writer, {NextEvent()});
  }

  static void AppendBatch(LogWriter& writer, std::vector<Event> events) {
    testing::Write(writer, std::move(events));
  }

  Event NextEvent() {
    ++made_;
    Event event =
        MakeEvent(made_ % 2 == 1 ? EventType::kSessionLocked : EventType::kSessionUnlocked, made_);
    event.session = MakeSession("s1");
    return event;
  }

  [[nodiscard]] std::vector<std::string> SegmentNames() {
    std::vector<std::string> names;
    const auto segments = ListSegments(*files_, log_);
    for (const Segment& segment : segments.value()) names.push_back(segment.name);
    return names;
  }

  [[nodiscard]] std::string PathOf(Seq first) { return PathIn(log_, SegmentName(first)); }

  LogReader MakeReader() {
    return LogReader(*files_, log_,
                     [this](const LogDefect& defect) { defects_.push_back(defect); });
  }

  /// The events from `seq` on; defects go to defects_.
  std::vector<StoredEvent> ReadFrom(Seq seq) {
    LogReader reader = MakeReader();
    const Status sought = reader.Seek(seq);
    EXPECT_TRUE(sought.ok()) << sought.message();
    return ReadRest(reader);
  }

  static std::vector<StoredEvent> ReadRest(LogReader& reader) {
    std::vector<StoredEvent> events;
    while (true) {
      StoredEvent event;
      const auto next = reader.Read(event);
      EXPECT_TRUE(next.ok()) << next.status().message();
      if (!next.ok() || next.value() == LogReader::Next::kEnd) return events;
      events.push_back(std::move(event));
    }
  }

  static std::vector<Seq> Seqs(const std::vector<StoredEvent>& events) {
    std::vector<Seq> seqs;
    for (const StoredEvent& event : events) seqs.push_back(event.event.seq);
    return seqs;
  }

  static std::vector<Seq> Range(Seq from, Seq to) {
    std::vector<Seq> seqs;
    for (Seq seq = from; seq <= to; ++seq) seqs.push_back(seq);
    return seqs;
  }

  LogVerification Verify() {
    found_.clear();
    const auto result = VerifyLog(*files_, log_, [this](const LogDefect& defect) {
      found_.append(defect.file + ":" + std::to_string(defect.line) + ": " + defect.what + "\n");
    });
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.ok() ? result.value() : LogVerification{};
  }

  testing::TempDirectory directory_;
  const std::string log_ = directory_ / "log";
  std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  Machine machine_{"0123456789abcdef0123456789abcdef", "11111111111111111111111111111111"};
  LogRecovery recovery_;
  std::vector<LogDefect> defects_;
  std::string found_;  ///< What Verify complained about, a line each.
  int made_ = 0;
};

}  // namespace broker
