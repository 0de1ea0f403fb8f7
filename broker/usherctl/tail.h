#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "eventlog/file_system.h"
#include "usherctl/event_filter.h"
#include "usherctl/streams.h"

namespace broker {

struct TailOptions {
  std::string directory;              ///< Of the log.
  std::optional<uint64_t> last = 10;  ///< How many matching events to begin with; nullopt = all.
  bool follow = false;                ///< Then wait for more, until `stop`.
  bool json = false;                  ///< The lines as they are stored.
  EventFilter filter;
};

/// `usherctl tail`: shows the log's events. Reads the files itself, so the broker may be down.
///
/// `stop` is asked now and then while following; true ends it like an end of the log.
int RunTail(const TailOptions& options, FileSystem& files, Streams& streams,
            const std::function<bool()>& stop);

}  // namespace broker
