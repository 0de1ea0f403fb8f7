// usher/testing/emit_functions.hpp: usher.emit/1 of a FakeHost.
#ifndef USHER_TESTING_EMIT_FUNCTIONS_HPP
#define USHER_TESTING_EMIT_FUNCTIONS_HPP

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "usher/ext/emit.h"
#include "usher/testing/host_entry.hpp"

namespace usher {
namespace testing {
namespace detail {

struct EmitFunctions : HostEntry {
  static bool IsOwnType(const FakeHost& self, std::string_view type) {
    if (self.phase_ == Phase::kNone) return !type.empty();
    const std::string prefix = self.plugin_id_ + ".";
    return type.size() > prefix.size() && type.size() <= USHER_EMIT_MAX_TYPE &&
           type.substr(0, prefix.size()) == prefix;
  }

  static usher_status ReadDetails(const usher_detail* const* details, uint32_t count,
                                  Emitted& emitted, usher_error* error) {
    if (count > USHER_EMIT_MAX_DETAILS) return Refuse(error, USHER_LIMIT, "too many details");
    for (uint32_t i = 0; i < count; ++i) {
      const std::string key = details[i]->key == nullptr ? "" : details[i]->key;
      const bool taken = key == "instance" || key == "id" ||
                         std::any_of(emitted.details.begin(), emitted.details.end(),
                                     [&key](const auto& other) { return other.first == key; });
      constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
      if (key.empty() || key.size() > USHER_EMIT_MAX_KEY || taken ||
          key.find_first_not_of(kAllowed) != std::string::npos || details[i]->value == nullptr) {
        return Refuse(error, USHER_INVALID_ARGUMENT,
                      "a detail's key has 1 to 64 characters of a-z, 0-9, '_', '.' and '-', is "
                      "there once, and neither \"instance\" nor \"id\"; it has a value");
      }
      const std::string value = details[i]->value;
      if (value.size() > USHER_EMIT_MAX_VALUE) {
        return Refuse(error, USHER_LIMIT, "a detail has at most 4096 bytes");
      }
      emitted.details.emplace_back(key, value);
    }
    return USHER_OK;
  }

  static bool IsWithinLimit(FakeHost& self, const std::string& type) {
    constexpr int64_t kMinuteUs = 60'000'000;
    FakeHost::Minute& minute = self.minutes_[type];
    if (minute.count == 0 || self.monotonic_us() - minute.begin_us >= kMinuteUs) {
      minute = {self.monotonic_us(), 0};
    }
    return minute.count++ < USHER_EMIT_MAX_PER_MINUTE;
  }

  static usher_status Emit(const usher_host* host, const char* type,
                           const usher_detail* const* details, uint32_t count, uint64_t cause,
                           usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = Enter(self, "emit", "emit", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kCheck) {
      self.Violate("called emit() in check_config(), which must be pure");
      return USHER_INVALID_ARGUMENT;
    }
    if (self.phase_ == Phase::kInit) {
      return Refuse(error, USHER_INVALID_ARGUMENT, "events are emitted once init() has returned");
    }
    if (type == nullptr || !IsOwnType(self, type)) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "the type of an event that a plugin emits begins with the plugin's id, as '" +
                        self.plugin_id_ + ".done' does");
    }
    Emitted emitted{type, {}, cause};
    const usher_status read = ReadDetails(details, count, emitted, error);
    if (read != USHER_OK) return read;
    const bool on_thread = self.plugin_thread_.load() == std::this_thread::get_id();
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (cause == 0 && on_thread) emitted.cause = self.at_hand_;
    if (cause != 0 && cause != self.at_hand_ && self.open_.count(cause) == 0) {
      return Refuse(error, USHER_NOT_FOUND, "the cause is neither at hand nor open");
    }
    if (!IsWithinLimit(self, emitted.type)) {
      return Refuse(error, USHER_LIMIT, "at most 60 events of a type are made in a minute");
    }
    self.emitted_.push_back(std::move(emitted));
    return USHER_OK;
  }

  static const usher_ext_emit& EmitTable() {
    static const usher_ext_emit kTable{sizeof(usher_ext_emit), Emit};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
