// usher/cpp/base.hpp: the classes that a plugin derives from.
#ifndef USHER_CPP_BASE_HPP
#define USHER_CPP_BASE_HPP

#include "usher/cpp/host.hpp"
#include "usher/cpp/views.hpp"
#include "usher/status.h"

namespace usher {
namespace detail {
struct Instance;
}

/// What OnEvent of an AsyncPlugin answers.
enum class Answer : usher_status {
  kDone = USHER_OK,          ///< Acknowledges the event.
  kPending = USHER_PENDING,  ///< A Completion, made before this is returned, will end it.
  kRetry = USHER_RETRY,      ///< Not now: OnEvent is called again with it, later events wait.
};

/// What both kinds of plugins have in common. The broker calls OnInit, then OnSnapshot, then
/// OnEvent any number of times, OnStop, the destructor: all on the instance's own thread, one at a
/// time. After an OnInit that threw only the destructor follows. Several instances of one class may
/// exist, each on a thread of its own.
///
/// An exception that leaves one of the methods reaches the broker as an error with the exception's
/// text; throw Error for a status of your choice.
class BasicPlugin {
 public:
  explicit BasicPlugin(Host host) noexcept : host_(host) {}
  virtual ~BasicPlugin() = default;
  BasicPlugin(const BasicPlugin&) = delete;
  BasicPlugin& operator=(const BasicPlugin&) = delete;

  /// Makes ready; reads the configuration. An exception refuses the instance.
  virtual void OnInit() {}

  /// All sessions there are: once before the first event, and again whenever events were skipped.
  virtual void OnSnapshot(const Snapshot& /*snapshot*/) {}

  /// The last call but the destructor; flush what must be kept. An exception is logged.
  virtual void OnStop() {}

  /// A call has overrun its time, or the instance is to stop: make the call return soon, say by
  /// waking what it waits for. Called on another thread: what this touches is atomic or under a
  /// lock, which the call must not hold while it waits. It may come a moment before the call is
  /// entered, or while it returns; the next call waits for it. An exception is logged. See
  /// Host::ShouldStop. [any-thread]
  virtual void Interrupt() {}

 protected:
  [[nodiscard]] const Host& host() const noexcept { return host_; }

 private:
  friend struct detail::Instance;
  virtual Answer Handle(const Event& event) = 0;

  Host host_;
};

/// A plugin that is done with an event when OnEvent returns. See BasicPlugin.
class Plugin : public BasicPlugin {
 public:
  using BasicPlugin::BasicPlugin;

  /// One event. Returning acknowledges it; an exception is a strike, and the event is skipped.
  virtual void OnEvent(const Event& event) = 0;

 private:
  Answer Handle(const Event& event) final {
    OnEvent(event);
    return Answer::kDone;
  }
};

/// A plugin that may take its time with an event. See BasicPlugin, Answer and Completion.
class AsyncPlugin : public BasicPlugin {
 public:
  using BasicPlugin::BasicPlugin;

  /// One event. An exception is a strike, and the event is skipped.
  virtual Answer OnEvent(const Event& event) = 0;

 private:
  Answer Handle(const Event& event) final { return OnEvent(event); }
};

}  // namespace usher

#endif
