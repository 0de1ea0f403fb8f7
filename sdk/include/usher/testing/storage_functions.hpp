// usher/testing/storage_functions.hpp: usher.storage/1 of a FakeHost.
#ifndef USHER_TESTING_STORAGE_FUNCTIONS_HPP
#define USHER_TESTING_STORAGE_FUNCTIONS_HPP

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "usher/ext/storage.h"
#include "usher/testing/host_entry.hpp"

namespace usher {
namespace testing {
namespace detail {

struct StorageFunctions : HostEntry {
  static usher_status BadKey(usher_error* error) {
    return Refuse(error, USHER_INVALID_ARGUMENT,
                  "a key of the storage has 1 to 64 characters of a-z, 0-9, '.', '_' and '-', and "
                  "does not begin with a dot");
  }

  static bool IsKey(const char* key) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    const std::string_view text = key == nullptr ? "" : key;
    return !text.empty() && text.size() <= USHER_STORAGE_MAX_KEY && text.front() != '.' &&
           text.find_first_not_of(kAllowed) == std::string_view::npos;
  }

  static usher_status Put(const usher_host* host, const char* key, const void* value, size_t length,
                          usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "put", "storage", error);
    if (entered != USHER_OK) return entered;
    if (!IsKey(key)) return BadKey(error);
    if (length > USHER_STORAGE_MAX_VALUE) {
      return Refuse(error, USHER_LIMIT, "a value of more than 1048576 bytes is too large");
    }
    if (self.storage.count(key) == 0 && self.storage.size() >= USHER_STORAGE_MAX_KEYS) {
      return Refuse(error, USHER_LIMIT, "there are 256 values already; remove one first");
    }
    self.storage[key] = std::string(static_cast<const char*>(value), length);
    return USHER_OK;
  }

  static usher_status Get(const usher_host* host, const char* key, void* buffer, size_t* length,
                          usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "get", "storage", error);
    if (entered != USHER_OK) return entered;
    if (!IsKey(key)) return BadKey(error);
    const auto found = self.storage.find(key);
    if (found == self.storage.end()) return Refuse(error, USHER_NOT_FOUND, "there is no such key");
    const bool fits = found->second.size() <= *length;
    *length = found->second.size();
    if (!fits) return Refuse(error, USHER_TOO_SMALL, "the buffer is too small");
    if (*length != 0) std::memcpy(buffer, found->second.data(), *length);
    return USHER_OK;
  }

  static usher_status Remove(const usher_host* host, const char* key, usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "remove", "storage", error);
    if (entered != USHER_OK) return entered;
    if (!IsKey(key)) return BadKey(error);
    self.storage.erase(key);
    return USHER_OK;
  }

  static const usher_ext_storage& StorageTable() {
    static const usher_ext_storage kTable{sizeof(usher_ext_storage), Put, Get, Remove};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
