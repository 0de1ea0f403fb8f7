#include "eventlog/selection.h"

#include <utility>

#include "event/utc.h"

namespace broker {

LogSelector::LogSelector(LogSelection selection)
    : selection_(std::move(selection)),
      since_(FormatUtc(selection_.since_us)),
      until_(FormatUtc(selection_.until_us)),
      by_time_(selection_.since_us != LogSelection().since_us ||
               selection_.until_us != LogSelection().until_us),
      by_head_(by_time_ || selection_.type) {}

bool LogSelector::MayWant(const SegmentIndex& index) const {
  return index.events != 0 && index.max_time_us >= selection_.since_us &&
         index.min_time_us <= selection_.until_us;
}

bool LogSelector::Wants(const Event& event) const {
  const int64_t time = event.time.realtime_us;
  return time >= selection_.since_us && time <= selection_.until_us &&
         (!selection_.type || selection_.type(event.TypeName())) &&
         (!selection_.event || selection_.event(event));
}

}  // namespace broker
