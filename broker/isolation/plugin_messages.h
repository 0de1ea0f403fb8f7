#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "isolation/message.h"
#include "plugin_host/entry_check.h"
#include "usher/event.h"
#include "usher/ext/run.h"
#include "usher/status.h"

namespace broker {

// What crosses the channel between the broker and a plugin in a process of its own: every function
// of the interface as a number, every structure as its values. Both sides are of one build, so the
// numbers need not stay.

/// Calls into the plugin.
enum class ToPlugin : uint64_t {
  kDescribe,
  kCheckConfig,
  kCreate,
  kInit,
  kOnSnapshot,
  kOnEvent,
  kTimer,
  kStop,
  kDestroy,
  kInterrupt,
  kRunEnded,
  kLaunchNews,
};

/// Calls of the plugin's to the host.
enum class ToHost : uint64_t {
  kGetExtension,
  kSubscribe,
  kComplete,
  kShouldStop,
  kLog,
  kGetString,
  kGetInteger,
  kGetNumber,
  kGetBoolean,
  kGetCount,
  kGetStringAt,
  kConfigError,
  kGetTableCount,
  kVisit,
  kPut,
  kGet,
  kRemove,
  kEmit,
  kStartTimer,
  kCancelTimer,
  kNow,
  kStartRun,
  kCancelRun,
  kStartLaunch,
  kStopLaunch,
  kReleaseLaunch,
  kSettleLaunches,
  kListLaunches,
  kDescribeAgent,
  kRequestAction,
};

/// A text that may be null.
void PutText(MessageWriter& out, const char* text);

/// A status with its error's text.
void PutOutcome(MessageWriter& out, usher_status status, const usher_error& error);
/// Takes what PutOutcome put; `error` may be null.
usher_status TakeOutcome(MessageReader& in, usher_error* error);
/// An error as a caller hands it over.
[[nodiscard]] usher_error EmptyError();

void PutInfo(MessageWriter& out, const PluginInfo& info);
[[nodiscard]] PluginInfo TakeInfo(MessageReader& in);

void PutEvent(MessageWriter& out, const usher_event& event);
void PutSnapshot(MessageWriter& out, const usher_snapshot& snapshot);
void PutDetails(MessageWriter& out, const usher_detail* const* details, uint32_t count);

void PutRunRequest(MessageWriter& out, const usher_run_request& request);
void PutRunResult(MessageWriter& out, const usher_run_result& result);

/// The structures of one call, made of a message again. Owns what they point to.
class ReceivedCall {
 public:
  explicit ReceivedCall(MessageReader& in) : in_(in) {}
  ReceivedCall(const ReceivedCall&) = delete;
  ReceivedCall& operator=(const ReceivedCall&) = delete;

  // Each takes the next value; valid as long as this is.
  const char* Text();  ///< May be null.
  const usher_event& Event();
  const usher_snapshot& Snapshot();
  const std::vector<const usher_detail*>& Details();
  const usher_run_request& RunRequest();
  const usher_run_result& RunResult();

 private:
  const usher_session* Session();

  MessageReader& in_;
  std::deque<std::string> texts_;
  std::deque<usher_session> sessions_;
  std::deque<usher_detail> details_;
  std::vector<const usher_detail*> detail_pointers_;
  std::vector<const usher_session*> session_pointers_;
  usher_event event_{};
  usher_snapshot snapshot_{};
  std::vector<const char*> arguments_;
  usher_run_request run_request_{};
  usher_run_result run_result_{};
};

}  // namespace broker
