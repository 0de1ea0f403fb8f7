// usher/testing/config_functions.hpp: usher.config/1 of a FakeHost.
#ifndef USHER_TESTING_CONFIG_FUNCTIONS_HPP
#define USHER_TESTING_CONFIG_FUNCTIONS_HPP

#include <cstdint>
#include <mutex>
#include <string>
#include <variant>

#include "usher/ext/config.h"
#include "usher/testing/host_entry.hpp"

namespace usher {
namespace testing {
namespace detail {

struct ConfigFunctions : HostEntry {
  template <class T>
  static usher_status Find(const usher_host* host, const char* key, const T*& value) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "config");
    if (entered != USHER_OK) return entered;
    if (key == nullptr) return USHER_INVALID_ARGUMENT;
    self.asked_.insert(key);
    const auto found = self.config.find(key);
    if (found == self.config.end()) return USHER_NOT_FOUND;
    value = std::get_if<T>(&found->second);
    return value == nullptr ? USHER_WRONG_TYPE : USHER_OK;
  }

  template <class T, class Raw>
  static usher_status GetPlain(const usher_host* host, const char* key, Raw* out) {
    const T* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = static_cast<Raw>(*value);
    return status;
  }

  static usher_status GetString(const usher_host* host, const char* key, const char** out) {
    const std::string* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = value->c_str();
    return status;
  }

  /// An integer is a number, too.
  static usher_status GetNumber(const usher_host* host, const char* key, double* out) {
    const usher_status status = GetPlain<double>(host, key, out);
    return status == USHER_WRONG_TYPE ? GetPlain<int64_t>(host, key, out) : status;
  }

  static usher_status GetCount(const usher_host* host, const char* key, uint32_t* out) {
    const FakeHost::Strings* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = static_cast<uint32_t>(value->size());
    return status;
  }

  /// Keys of tables in an array have an index in them: "hook.0.program".
  static usher_status GetTableCount(const usher_host* host, const char* key, uint32_t* out) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "config");
    if (entered != USHER_OK) return entered;
    if (key == nullptr) return USHER_INVALID_ARGUMENT;
    self.asked_.insert(key);
    if (self.config.count(key) != 0) return USHER_WRONG_TYPE;
    uint32_t count = 0;
    const auto is_there = [&](uint32_t index) {
      const std::string prefix = std::string(key) + "." + std::to_string(index) + ".";
      const auto first = self.config.lower_bound(prefix);
      return first != self.config.end() && first->first.compare(0, prefix.size(), prefix) == 0;
    };
    while (is_there(count)) ++count;
    if (count == 0) return USHER_NOT_FOUND;
    *out = count;
    return USHER_OK;
  }

  static usher_status GetStringAt(const usher_host* host, const char* key, uint32_t index,
                                  const char** out) {
    const FakeHost::Strings* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status != USHER_OK) return status;
    if (index >= value->size()) return USHER_NOT_FOUND;
    *out = (*value)[index].c_str();
    return USHER_OK;
  }

  static usher_status ConfigError(const usher_host* host, const char* key, const char* text) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "config_error");
    if (entered != USHER_OK) return entered;
    if (key == nullptr || text == nullptr || self.phase_ > Phase::kInit) {
      return USHER_INVALID_ARGUMENT;
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.config_errors_.push_back(std::string(key) + ": " + text);
    return USHER_OK;
  }

  static const usher_ext_config& ConfigTable() {
    static const usher_ext_config kTable{sizeof(usher_ext_config),
                                         GetString,
                                         GetPlain<int64_t, int64_t>,
                                         GetNumber,
                                         GetPlain<bool, int32_t>,
                                         GetCount,
                                         GetStringAt,
                                         ConfigError,
                                         GetTableCount};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
