#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include <usher/cpp/base.hpp>
#include <usher/cpp/completion.hpp>
#include <usher/cpp/host.hpp>

namespace journald {

/// Hands records over in their order. While the journal does not take them they wait, at most as
/// many as the broker lets be open; the others wait in the broker's log. Nothing is ever given up.
///
/// Rationale: RETRY would end after a minute with a strike and a lost event, and timers go by the
/// source's clock, which a simulated desktop lets stand still. So a thread waits, by the real
/// clock.
class Outbox {
 public:
  /// Hands one record over or says why that is not possible now. Never waits. Called from the
  /// plugin's thread and from one of the Outbox's, one call at a time.
  using Send = std::function<std::error_code(const std::string& record)>;

  /// `send` is called until Stop has returned. Starts a thread.
  Outbox(const usher::Host& host, Send send);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox() { Stop(); }

  /// Hands the event's record over or keeps it, and says what OnEvent has to answer.
  /// [plugin-thread]
  [[nodiscard]] usher::Answer Post(std::string record, const usher::Event& event);

  /// Tries once more; what is left then comes again with the next start. [plugin-thread]
  void Stop();

 private:
  struct Waiting {
    std::string record;
    usher::Completion completion;
  };
  using Lock = std::unique_lock<std::mutex>;

  void Work();
  /// Waits until the next attempt is due. False = stopped.
  bool WaitForAttempt(Lock& lock);
  /// Hands over what waits, the oldest first. With the lock held.
  void SendWaiting();
  void Tell(const std::error_code& trouble);

  const usher::Host host_;
  const Send send_;

  std::mutex mutex_;  ///< Guards what follows; held while `send_` is called.
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::chrono::milliseconds delay_;  ///< Until the next attempt.
  bool told_ = false;                ///< The administrator knows that the journal takes nothing.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace journald
