#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "isolation/child_process.h"
#include "isolation/cutoff.h"
#include "isolation/far_side.h"
#include "isolation/message.h"
#include "isolation/plugin_messages.h"
#include "usher/ext/launch.h"
#include "usher/ext/run.h"
#include "usher/ext/timer.h"
#include "usher/plugin.h"

namespace broker {

/// The broker's side of what a plugin in another process asks of its host: makes the call, and an
/// answer of what comes of it.
///
/// Thread-safe, as far as the host is.
class HostCalls {
 public:
  using CallPlugin = std::function<usher_status(const MessageWriter&, usher_error*)>;

  /// `call` calls the plugin, for its timers.
  explicit HostCalls(CallPlugin call) : call_(std::move(call)) {}

  /// From now on `host` is the one that is asked; it must outlive the instance.
  void Use(const usher_host* host) { host_ = host; }

  [[nodiscard]] MessageWriter Answer(MessageReader& request);

 private:
  /// A callback in the other process.
  struct FarCallback {
    HostCalls* calls = nullptr;
    uint64_t callback = 0;
    uint64_t context = 0;
  };

  template <class Table>
  const Table* Find(const char* id) const {
    return static_cast<const Table*>(host_.load()->get_extension(host_, id));
  }
  void Subscribe(MessageReader& in, MessageWriter& out);
  void Complete(MessageReader& in, MessageWriter& out);
  void Log(MessageReader& in);
  void GetConfig(uint64_t call, MessageReader& in, MessageWriter& out);
  void Visit(MessageWriter& out);
  void Store(uint64_t call, MessageReader& in, MessageWriter& out);
  void Emit(MessageReader& in, MessageWriter& out);
  void StartTimer(MessageReader& in, MessageWriter& out);
  void Now(MessageWriter& out);
  void RequestAction(MessageReader& in, MessageWriter& out);
  void StartRun(MessageReader& in, MessageWriter& out);
  void CancelRun(MessageReader& in, MessageWriter& out);
  /// A call of usher/ext/launch.h's.
  void CallLaunch(ToHost call, MessageReader& in, MessageWriter& out);
  void StartLaunch(MessageReader& in, MessageWriter& out);
  void ReleaseLaunch(usher_launch launch, MessageWriter& out);
  void ListLaunches(MessageWriter& out);
  void DescribeAgent(MessageReader& in, MessageWriter& out);
  usher_status LaunchTold(const FarCallback& launch, usher_launch id, const usher_launch_news& news,
                          usher_error* error);
  usher_status RunEnded(const FarCallback& run, usher_run id, const usher_run_result& result,
                        usher_error* error);

  const CallPlugin call_;
  std::atomic<const usher_host*> host_ = nullptr;
  std::mutex mutex_;
  std::map<usher_timer, std::unique_ptr<FarCallback>> timers_;     ///< Kept as long as this lives.
  std::map<usher_run, std::unique_ptr<FarCallback>> runs_;         ///< Those that have not ended.
  std::map<usher_launch, std::unique_ptr<FarCallback>> launches_;  ///< The same.
};

/// The broker's end of a child with a plugin in it.
struct ChildConnection {
  explicit ChildConnection(std::unique_ptr<ChildProcess> started);
  ~ChildConnection();
  ChildConnection(const ChildConnection&) = delete;
  ChildConnection& operator=(const ChildConnection&) = delete;

  /// Calls the plugin, from its instance's thread.
  usher_status Call(const MessageWriter& message, usher_error* error);
  /// `why` a call was not answered.
  [[nodiscard]] std::string HowItEnded(const Status& why);

  const std::unique_ptr<ChildProcess> child;
  HostCalls host;
  FarSide peer;
  std::optional<Cutoff::Lease> lease;
};

}  // namespace broker
