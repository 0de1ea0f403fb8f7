#pragma once

#include <string_view>
#include <utility>

#include "event/diagnostics.h"
#include "event/mutex.h"
#include "source/raw_event.h"

namespace broker {

/// The way out of a source's thread, which its owner can close: after Close() nothing passes, even
/// if the thread hangs in a call to the system and goes on later. Thread-safe.
class SourceGate final : public RawSink, public Diagnostics {
 public:
  /// Both must outlive Close().
  SourceGate(RawSink& sink, Diagnostics& diagnostics) : sink_(&sink), diagnostics_(&diagnostics) {}

  void Submit(RawEvent raw) noexcept override {
    const MutexLock lock(mutex_);
    if (sink_ != nullptr) sink_->Submit(std::move(raw));
  }

  void Log(Severity severity, std::string_view component, std::string_view text) noexcept override {
    const MutexLock lock(mutex_);
    if (diagnostics_ != nullptr) diagnostics_->Log(severity, component, text);
  }

  void Close() noexcept {
    const MutexLock lock(mutex_);
    sink_ = nullptr;
    diagnostics_ = nullptr;
  }

 private:
  Mutex mutex_;
  RawSink* sink_ USHER_GUARDED_BY(mutex_);
  Diagnostics* diagnostics_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
