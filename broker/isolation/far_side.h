#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "event/mutex.h"
#include "isolation/message.h"

namespace broker {

/// Which of the other side's threads a call is for.
enum class CallLane : uint64_t {
  kPlugin = 0,  ///< The instance's own, which waits in Call or Serve.
  kAny,         ///< The reader's; what it does must not wait for the other side.
  kApart,       ///< One of its own; what it does may take its time.
};

/// Calls to the other side of a channel, and its calls to this one: between a plugin in a process
/// of its own and the broker. While the plugin's thread waits for an answer it does what the other
/// side asks of it meanwhile, so that both threads are as one.
///
/// Call from any thread; Serve from the plugin's.
class FarSide {
 public:
  using Handler = std::function<MessageWriter(MessageReader& request)>;

  /// `handler` answers the other side's calls, on the thread of their lane; `apart` those that are
  /// for threads of their own, of which there are none for who does not give it: such a call does
  /// nothing. `channel` must outlive this, and be at its end when this is destroyed.
  FarSide(Channel& channel, Handler handler, Handler apart = nullptr);
  ~FarSide();
  FarSide(const FarSide&) = delete;
  FarSide& operator=(const FarSide&) = delete;

  /// No call waits for its answer any longer than this, from now on.
  void SetDeadline(Condition::TimePoint deadline);

  /// The answer to `request`; kStopped: the other side is gone; kTimeout: it is too late.
  Result<std::string> Call(CallLane lane, const MessageWriter& request);

  /// Answers calls for the plugin's thread until the other side is gone.
  void Serve();

 private:
  struct Request {
    uint64_t id = 0;
    std::string bytes;
  };

  void Read() noexcept;
  void Take(const std::string& message);
  Status Send(uint64_t kind, uint64_t id, CallLane lane, std::string_view bytes);
  void Answer(const Handler& handler, CallLane lane, const Request& request);
  void AnswerApart(const Request& request);
  /// Does the next thing that was asked of the plugin's thread, if there is one.
  bool AnswerNext() USHER_REQUIRES(mutex_);

  MessageChannel messages_;
  const Handler handler_;
  const Handler apart_;

  Mutex mutex_;
  Condition changed_;
  Condition::TimePoint deadline_ USHER_GUARDED_BY(mutex_) = Condition::TimePoint::max();
  uint64_t last_id_ USHER_GUARDED_BY(mutex_) = 0;
  bool gone_ USHER_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, std::optional<std::string>> answers_ USHER_GUARDED_BY(mutex_);
  std::deque<Request> requests_ USHER_GUARDED_BY(mutex_);  ///< For the plugin's thread.

  std::list<std::thread> threads_apart_;  ///< Begun by the reader.
  std::thread reader_;
};

}  // namespace broker
