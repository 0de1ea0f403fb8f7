#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "eventlog/writer.h"
#include "tests/support/written_log.h"
#include "tests/unit/usherctl/events.h"

namespace broker::testing {

/// A log as the broker writes it, in one segment unless `segment_bytes` is small.
class WrittenLog {
 public:
  WrittenLog(FileSystem& files, const std::string& directory, uint64_t segment_bytes = 16U << 20U)
      : writer_(Open(files, directory, segment_bytes)) {}

  /// Appends the events as one batch; returns their lines as they are stored.
  std::vector<std::string> Append(std::vector<Event> events) {
    std::vector<std::string> lines;
    for (const BatchRef& batch : Write(*writer_, std::move(events))) {
      for (size_t i = 0; i < batch->events.size(); ++i) lines.emplace_back(batch->Line(i));
    }
    return lines;
  }

  /// Appends `count` logons of alice in sessions "first", "first + 1", …
  std::vector<std::string> AppendLogons(int first, int count) {
    std::vector<Event> events;
    for (int id = first; id < first + count; ++id) {
      SessionFacts session = AlicesSession().Facts();
      session.id = std::to_string(id);
      events.push_back(SessionEvent(EventType::kSessionLogon, session));
    }
    return Append(std::move(events));
  }

 private:
  static ClosingLog Open(FileSystem& files, const std::string& directory, uint64_t segment_bytes) {
    LogOptions options;
    options.directory = directory;
    options.segment_bytes = segment_bytes;
    Machine machine;
    machine.machine_id = std::string(32, 'a');
    machine.boot_id = std::string(32, 'b');
    LogRecovery recovery;
    auto writer = LogWriter::Open(files, options, machine, recovery);
    if (!writer.ok()) throw std::runtime_error(writer.status().message());
    return ClosingLog(std::move(writer).value().release());
  }

  ClosingLog writer_;
};

}  // namespace broker::testing
