// usher/testing/host_functions.hpp: the C functions behind a FakeHost.
#ifndef USHER_TESTING_HOST_FUNCTIONS_HPP
#define USHER_TESTING_HOST_FUNCTIONS_HPP

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "usher/ext/log.h"
#include "usher/ext/sessions.h"
#include "usher/ext/thread_check.h"
#include "usher/testing/config_functions.hpp"
#include "usher/testing/emit_functions.hpp"
#include "usher/testing/host_entry.hpp"
#include "usher/testing/launch_functions.hpp"
#include "usher/testing/run_functions.hpp"
#include "usher/testing/session_functions.hpp"
#include "usher/testing/storage_functions.hpp"
#include "usher/testing/timer_functions.hpp"

namespace usher {
namespace testing {
namespace detail {

/// The host itself, and the extensions that are one function.
struct HostFunctions : HostEntry {
  static void Log(const usher_host* host, usher_log_severity severity, const char* text) {
    FakeHost& self = Of(host);
    const bool heard = Enter(self, "log") == USHER_OK || self.phase_ == Phase::kStopped;
    if (!heard || text == nullptr) return;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.logs_.emplace_back(severity, text);
  }

  static usher_status Visit(const usher_host* host, void (*callback)(void*, const usher_snapshot*),
                            void* context) {
    FakeHost& self = Of(host);
    const usher_status entered = Enter(self, "visit", "sessions");
    if (entered != USHER_OK) return entered;
    if (callback == nullptr || self.phase_ == Phase::kCheck) return USHER_INVALID_ARGUMENT;
    const RawSnapshot snapshot(self.sessions, self.as_of_seq_, SnapshotReason::kActivated,
                               self.realtime_us());
    callback(context, &snapshot.raw());
    return USHER_OK;
  }

  static int32_t IsPluginThread(const usher_host* host) {
    return Of(host).plugin_thread_.load() == std::this_thread::get_id() ? 1 : 0;
  }

  static int32_t ShouldStop(const usher_host* host) { return Of(host).should_stop ? 1 : 0; }

  static usher_status Subscribe(const usher_host* host, const char* const* types, uint32_t count) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "subscribe", "subscribe");
    if (entered != USHER_OK) return entered;
    const bool in_time = self.phase_ == Phase::kInit || self.phase_ == Phase::kNone;
    if (types == nullptr || count == 0 || !in_time) return USHER_INVALID_ARGUMENT;
    const FakeHost::Strings names(types, types + count);
    for (const std::string& name : names) {
      if (!self.Allows(name)) return USHER_INVALID_ARGUMENT;
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.subscribed_ = names;
    return USHER_OK;
  }

  static usher_status Complete(const usher_host* host, uint64_t seq, usher_status status,
                               const char* text) {
    FakeHost& self = Of(host);
    if (self.phase_ == Phase::kStopped) {
      self.Violate("called complete() after stop() had returned");
    }
    const usher_status entered = Enter(self, "complete", "complete");
    if (entered != USHER_OK) return entered;
    if (status > 0) {
      self.Violate("called complete() with a positive status, which ends nothing");
      return USHER_INVALID_ARGUMENT;
    }
    if (status < 0 && self.phase_ == Phase::kStopping) return USHER_STOPPED;
    bool was_open = false;
    {
      const std::lock_guard<std::mutex> lock(self.mutex_);
      was_open = self.open_.erase(seq) != 0 || self.phase_ == Phase::kNone;
      if (was_open) self.completions_.push_back({seq, status, text == nullptr ? "" : text});
      self.ended_.notify_all();
    }
    if (was_open) return USHER_OK;
    self.Violate("called complete() for event " + std::to_string(seq) + ", which was not open");
    return USHER_NOT_FOUND;
  }

  static const void* GetExtension(const usher_host* host, const char* id) {
    static const usher_ext_log kLog{sizeof(usher_ext_log), Log};
    static const usher_ext_sessions kSessions{sizeof(usher_ext_sessions), Visit};
    static const usher_ext_thread_check kThreads{sizeof(usher_ext_thread_check), IsPluginThread};
    static const std::map<std::string_view, const void*> kTables{
        {USHER_EXT_CONFIG, &ConfigFunctions::ConfigTable()},
        {USHER_EXT_EMIT, &EmitFunctions::EmitTable()},
        {USHER_EXT_LAUNCH, &LaunchFunctions::LaunchTable()},
        {USHER_EXT_LOG, &kLog},
        {USHER_EXT_RUN, &RunFunctions::RunTable()},
        {USHER_EXT_SESSION, &SessionFunctions::SessionTable()},
        {USHER_EXT_SESSIONS, &kSessions},
        {USHER_EXT_STORAGE, &StorageFunctions::StorageTable()},
        {USHER_EXT_THREAD_CHECK, &kThreads},
        {USHER_EXT_TIMER, &TimerFunctions::TimerTable()}};
    const FakeHost& self = Of(host);
    const std::string_view name = id == nullptr ? "" : id;
    const bool pure = name == USHER_EXT_CONFIG || name == USHER_EXT_LOG;
    if (self.phase_ == Phase::kCheck && !pure) return nullptr;
    if (self.missing_extensions.count(std::string(name)) > 0) return nullptr;
    const auto found = kTables.find(name);
    return found == kTables.end() ? nullptr : found->second;
  }
};

}  // namespace detail

inline FakeHost::FakeHost() {
  host_.size = sizeof(usher_host);
  host_.abi_version = USHER_ABI_VERSION;
  host_.host_data = this;
  host_.get_extension = detail::HostFunctions::GetExtension;
  host_.subscribe = detail::HostFunctions::Subscribe;
  host_.complete = detail::HostFunctions::Complete;
  host_.should_stop = detail::HostFunctions::ShouldStop;
}

}  // namespace testing
}  // namespace usher

#endif
