#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "eventlog/writer.h"
#include "tests/unit/usherctl/events.h"

namespace broker::testing {

/// A log as the broker writes it, in one segment unless `segment_bytes` is small.
class WrittenLog {
 public:
  WrittenLog(FileSystem& files, const std::string& directory, uint64_t segment_bytes = 16U << 20U)
      : writer_(Open(files, {directory, segment_bytes, 1U << 30U})) {}

  /// Appends the events as one batch; returns their lines as they are stored.
  std::vector<std::string> Append(std::vector<Event> events) {
    const auto batch = writer_->Append(std::move(events), [] { return SessionSnapshot{}; });
    if (!batch.ok()) throw std::runtime_error(batch.status().message());
    std::vector<std::string> lines;
    for (const EventRef& stored : batch.value()) lines.push_back(stored->line);
    return lines;
  }

  /// Appends `count` logons of alice in sessions "first", "first + 1", …
  std::vector<std::string> AppendLogons(int first, int count) {
    std::vector<Event> events;
    for (int id = first; id < first + count; ++id) {
      Session session = AlicesSession();
      session.id = std::to_string(id);
      events.push_back(SessionEvent(EventType::kSessionLogon, session));
    }
    return Append(std::move(events));
  }

 private:
  static std::unique_ptr<LogWriter> Open(FileSystem& files, const LogOptions& options) {
    Machine machine;
    machine.machine_id = std::string(32, 'a');
    machine.boot_id = std::string(32, 'b');
    LogRecovery recovery;
    auto writer = LogWriter::Open(files, options, machine, recovery);
    if (!writer.ok()) throw std::runtime_error(writer.status().message());
    return std::move(writer).value();
  }

  std::unique_ptr<LogWriter> writer_;
};

}  // namespace broker::testing
