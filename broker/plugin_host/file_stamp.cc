#include "plugin_host/file_stamp.h"

#include <thread>
#include <utility>

namespace broker {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};

/// A time to come is that of a clock that was set: it says nothing.
bool IsOld(const FileStamp& stamp) {
  const auto age = std::chrono::system_clock::now() - stamp.written;
  return age >= kSettled;
}

}  // namespace

Result<FileStamp> WaitUntilSettled(const std::string& file, Condition::TimePoint deadline) {
  Result<FileStamp> stamp = StampOf(file);
  auto seen = steady_clock::now();
  while (stamp.ok() && !IsOld(stamp.value()) && steady_clock::now() - seen < kSettled) {
    if (steady_clock::now() >= deadline) {
      return Status(StatusCode::kTimeout, "'" + file + "' is still being written");
    }
    std::this_thread::sleep_for(kPoll);
    Result<FileStamp> next = StampOf(file);
    if (next.ok() && !(next.value() == stamp.value())) seen = steady_clock::now();
    stamp = std::move(next);
  }
  return stamp;
}

}  // namespace broker
