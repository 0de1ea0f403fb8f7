#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "event/event.h"
#include "eventlog/file_system.h"
#include "usherctl/event_filter.h"
#include "usherctl/streams.h"

namespace broker {

struct TailOptions {
  std::string directory;              ///< Of the log.
  std::optional<uint64_t> last = 10;  ///< How many matching events to begin with; nullopt = all.
  std::optional<Seq> after;           ///< Begin behind this one instead.
  std::optional<int64_t> since_us;    ///< UTC microseconds, both inclusive.
  std::optional<int64_t> until_us;
  bool follow = false;            ///< Then wait for more, until `stop`.
  bool json = false;              ///< The lines as they are stored.
  bool show_cursor = false;       ///< In the end, say how far this went: "-- cursor: 42".
  std::string follow_plugin;      ///< Only what this instance has acknowledged; empty: everything.
  std::string cursors_directory;  ///< Where the instances' cursors are.
  EventFilter filter;
};

/// `usherctl tail`: shows the log's events. Reads the files itself, so the broker may be down.
///
/// `stop` is asked now and then while following; true ends it like an end of the log.
int RunTail(const TailOptions& options, FileSystem& files, Streams& streams,
            const std::function<bool()>& stop);

}  // namespace broker
