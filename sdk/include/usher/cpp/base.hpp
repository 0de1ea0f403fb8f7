// usher/cpp/base.hpp: the class that a plugin derives from.
#ifndef USHER_CPP_BASE_HPP
#define USHER_CPP_BASE_HPP

#include "usher/cpp/host.hpp"
#include "usher/cpp/views.hpp"

namespace usher {

/// One instance of a plugin. The broker calls OnInit, then OnSnapshot, then OnEvent any number of
/// times, OnStop, the destructor: all on the instance's own thread, one at a time. After an OnInit
/// that threw only the destructor follows. Several instances of one class may exist, each on a
/// thread of its own.
///
/// An exception that leaves one of the methods reaches the broker as an error with the exception's
/// text; throw Error for a status of your choice.
class Plugin {
 public:
  explicit Plugin(Host host) noexcept : host_(host) {}
  virtual ~Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  /// Makes ready; reads the configuration. An exception refuses the instance.
  virtual void OnInit() {}

  /// All sessions there are: once before the first event, and again whenever events were skipped.
  virtual void OnSnapshot(const Snapshot& /*snapshot*/) {}

  /// One event. Returning acknowledges it; an exception is a strike, and the event is skipped.
  virtual void OnEvent(const Event& event) = 0;

  /// The last call but the destructor; flush what must be kept. An exception is logged.
  virtual void OnStop() {}

 protected:
  [[nodiscard]] const Host& host() const noexcept { return host_; }

 private:
  Host host_;
};

}  // namespace usher

#endif
