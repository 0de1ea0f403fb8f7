// usher/testing/host_entry.hpp: what every function of a FakeHost begins with.
#ifndef USHER_TESTING_HOST_ENTRY_HPP
#define USHER_TESTING_HOST_ENTRY_HPP

#include <mutex>
#include <string>
#include <thread>

#include "usher/cpp/error.hpp"
#include "usher/testing/host_class.hpp"

namespace usher {
namespace testing {
namespace detail {

struct HostEntry {
  using Phase = FakeHost::Phase;

  static FakeHost& Of(const usher_host* host) {
    auto& self = *static_cast<FakeHost*>(host->host_data);
    ++self.calls_;
    return self;
  }

  static usher_status Refuse(usher_error* error, usher_status status, const std::string& text) {
    if (error != nullptr) usher::detail::WriteText(error, text);
    return status;
  }

  /// What a call of `function` meets before it does anything: USHER_OK, or why it does nothing.
  /// `what` is what FakeHost::Fail knows it by.
  static usher_status Enter(FakeHost& self, const char* function, const char* what = "",
                            usher_error* error = nullptr) {
    const Phase phase = self.phase_;
    if (phase == Phase::kCreate) {
      self.Violate(std::string("called ") + function + "() in create(), before init()");
    }
    if (phase == Phase::kDestroyed) {
      self.Violate(std::string("called ") + function + "() after destroy() had returned");
    }
    if (phase >= Phase::kStopped) return USHER_STOPPED;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    const auto failure = self.failures_.find(what);
    if (failure == self.failures_.end()) return USHER_OK;
    return Refuse(error, failure->second.status, failure->second.text);
  }

  /// The same for a function of the tag [plugin-thread].
  static usher_status EnterOnThread(FakeHost& self, const char* function, const char* what = "",
                                    usher_error* error = nullptr) {
    const bool there = self.plugin_thread_.load() == std::this_thread::get_id();
    if (there || self.phase_ == Phase::kNone) return Enter(self, function, what, error);
    self.Violate(std::string("called ") + function +
                 "(), which is [plugin-thread], from another thread or outside of a call");
    return self.phase_ >= Phase::kStopped ? USHER_STOPPED : USHER_INVALID_ARGUMENT;
  }

  /// The same where a check of the configuration may not call it.
  static usher_status EnterInstance(FakeHost& self, const char* function, const char* what,
                                    usher_error* error = nullptr) {
    if (self.phase_ != Phase::kCheck) return EnterOnThread(self, function, what, error);
    self.Violate(std::string("called ") + function + "() in check_config(), which must be pure");
    return USHER_INVALID_ARGUMENT;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
