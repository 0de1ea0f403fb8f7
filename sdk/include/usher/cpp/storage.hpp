// usher/cpp/storage.hpp: small values that survive restarts.
#ifndef USHER_CPP_STORAGE_HPP
#define USHER_CPP_STORAGE_HPP

#include <optional>
#include <string>
#include <string_view>

#include "usher/cpp/error.hpp"
#include "usher/ext/storage.h"

namespace usher {

/// The instance's own store. Keys are [a-z0-9._-], not beginning with a dot; usher/ext/storage.h
/// has the limits. Every method throws Error when the broker reports a failure.
///
/// [plugin-thread]
class Storage {
 public:
  Storage(const usher_host* host, const usher_ext_storage& table) noexcept
      : host_(host), table_(&table) {}

  /// Nothing if there is no such key.
  [[nodiscard]] std::optional<std::string> Get(const std::string& key) const {
    std::string value(kFirstSize, '\0');
    size_t length = value.size();
    usher_error error = detail::EmptyError();
    usher_status status = table_->get(host_, key.c_str(), value.data(), &length, &error);
    if (status == USHER_TOO_SMALL) {
      value.resize(length);
      status = table_->get(host_, key.c_str(), value.data(), &length, &error);
    }
    if (status == USHER_NOT_FOUND) return std::nullopt;
    detail::Check(status, "reading \"" + key + "\" from the storage", error.text);
    value.resize(length);
    return value;
  }

  /// Stores any bytes, atomically and durably: as slow as the disk.
  void Put(const std::string& key, std::string_view value) const {
    usher_error error = detail::EmptyError();
    const usher_status status = table_->put(host_, key.c_str(), value.data(), value.size(), &error);
    detail::Check(status, "writing \"" + key + "\" to the storage", error.text);
  }

  /// Forgets the key; one that is not there is no error.
  void Remove(const std::string& key) const {
    usher_error error = detail::EmptyError();
    const usher_status status = table_->remove(host_, key.c_str(), &error);
    detail::Check(status, "removing \"" + key + "\" from the storage", error.text);
  }

 private:
  static constexpr size_t kFirstSize = 256;

  const usher_host* host_;
  const usher_ext_storage* table_;
};

}  // namespace usher

#endif
